// The queue backs up as in the report, until the broker blocks everybody; metrics cross the alarms' thresholds; an incident opens with a proposal.
import { setTimeout as sleep } from 'node:timers/promises'
import { publishers } from '../rabbitmq/publishers.ts'
import { haveCounted, HEAVY } from '../rabbitmq/world.ts'
import { eventually, type Step } from '../support/steps.ts'
import { brokerAlarms } from './measuring.ts'
import { lines, proposal } from './proposal.ts'
import { incidentOf, type World } from './world.ts'

export const SERVICE = 'message-broker'

const PATIENCE_MS = 2_000

export const backingUp: Step<World>[] = [
  {
    does: 'four publishers of a campaign fill the queue until the broker blocks them',
    async run(world) {
      const working = await publishers(world, HEAVY, 'campaign')
      world.publishers = working
      // Publishers that the broker blocks would wait forever; those that have ended cannot end again.
      world.closes.push(() => Promise.race([working.stop().catch(() => undefined), sleep(PATIENCE_MS)]))
      await eventually('publishers are blocked', async () => working.isBlocked || undefined, 60)
      world.blockedAt = Date.now()
      let last = -1
      while (last !== working.confirmed.length) {
        last = working.confirmed.length
        await sleep(500)
      }
      // Amazon MQ's metrics, which wake anybody, come a minute later.
      await eventually('the broker has counted them', async () => (await haveCounted(world, HEAVY, last)) || undefined)
      return `${last.toLocaleString('en')} messages are confirmed; now everybody waits`
    },
  },
  {
    // One of the two is enough: a broker that pages messages to disk in time may stay below its memory alarm and still block.
    does: 'its metrics cross a threshold, CloudWatch evaluates: an alarm fires',
    async run(world) {
      const fired = await eventually('an alarm of the broker fires', async () => {
        const found = (await brokerAlarms(world)).filter(({ StateValue }) => StateValue === 'ALARM')
        return found.length > 0 ? found : undefined
      })
      return fired.map(({ AlarmName, StateReason }) => `${AlarmName}: ${StateReason}`).join('\n')
    },
  },
  {
    does: 'one incident, and in its one message the proposal with its dry run',
    async run(world) {
      const message = await proposal(world, SERVICE)
      const { id, services, firing } = await incidentOf(world, SERVICE)
      return `${id}: ${firing} alarms of ${Object.keys(services).join(', ')}\n${lines(message).join('\n')}`
    },
  },
]
