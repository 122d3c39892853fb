// A signed click, and the deployed runbook relieves the broker: messages to S3, a limit on the queue, alarms recover, and what is left to do is told.
import { manifestKey, type Manifest } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { folderIn, HEAVY, keptIds } from '../rabbitmq/world.ts'
import { ANA } from '../support/slack.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { shows } from '../deploy/alarming.ts'
import { SERVICE } from './backing-up.ts'
import { evidenceOf } from './evidence.ts'
import { brokerAlarms } from './measuring.ts'
import { approve, helped, lines, short } from './proposal.ts'
import { incidentOf, runOf, type World } from './world.ts'

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

export const relieving: Step<World>[] = [
  {
    does: 'Ana clicks Approve, and says yes to the question: signed, on the function URL',
    async run(world) {
      await approve(world, SERVICE)
      return eventually('the run is approved', async () => {
        const { status, approvals } = await runOf(world, SERVICE)
        return approvals[0] && status !== 'proposed' ? `${status}, by ${approvals[0].by.name}` : undefined
      })
    },
  },
  {
    does: 'the deployed runbook copies the messages to S3, takes them out of the queue and limits its length',
    async run(world) {
      const steps = await eventually(
        'all steps are done',
        async () => {
          const run = await runOf(world, SERVICE)
          check(run.status !== 'failed', `it failed: ${run.why}`)
          if (run.actedAt !== undefined) return run.steps
          throw new Error(`${run.status}: ${JSON.stringify(run.steps)}`)
        },
        90,
      )
      const { id } = await runOf(world, SERVICE)
      const evidence = evidenceOf(world)
      const kept = await keptIds({ evidence }, id, HEAVY)
      const manifest = JSON.parse((await evidence.get(manifestKey(await folderIn(evidence, id, HEAVY))))!) as Manifest
      same('kept once', [new Set(kept).size, manifest.count, manifest.doubtful], [kept.length, kept.length, 0])
      const known = new Set(world.publishers.confirmed)
      check(kept.length > 1_000 && kept.every((one) => known.has(one)), `${kept.length} are kept, or strange ones`)
      const told = steps.map(({ name, text, at, endedAt }) => `${seconds(endedAt! - at)} ${name}: ${text}`)
      return told.map(short).join('\n')
    },
  },
  {
    does: 'the broker blocks nobody, its metrics fall, the alarms recover: the run is verified, it helped',
    async run(world) {
      const message = await helped(world, SERVICE, 120)
      const nodes = await world.broker.nodes()
      check(!nodes.some(({ blocked }) => blocked), 'the broker still blocks publishers')
      const firing = (await brokerAlarms(world)).filter(({ StateValue }) => StateValue !== 'OK')
      same('alarms that fire', firing.length, 0)
      // What it did is shown above.
      return lines(message).slice(0, 2).join('\n')
    },
  },
  {
    does: 'that is not the end: the incident is mitigated, its message says what is left, and Ana is called',
    async run(world) {
      const { id } = await eventually('it is mitigated', async () => {
        const incident = await incidentOf(world, SERVICE)
        return incident.mitigated && incident
      })
      const text = await shows(world.slack, world.messages[id]!, /mitigated/i)
      const { left } = await runOf(world, SERVICE)
      same(
        'left',
        left?.items.map((item) => item.id),
        ['consumer', 'messages', 'limit'],
      )
      await eventually('Ana is called', async () =>
        (await world.slack.replies(world.messages[id]!)).find(({ text: told }) => told.includes(`<@${ANA}>`)),
      )
      return [text, ...left!.items.map((item) => `left: ${item.text}`)].map(short).join('\n')
    },
  },
  {
    does: 'publishers go on, and at the limit they are refused, not blocked',
    async run({ publishers, broker }) {
      await eventually('the queue is at its limit', async () => publishers.refused > 0 || undefined, 60)
      check(!publishers.isBlocked && !(await broker.nodes()).some(({ blocked }) => blocked), 'the broker blocks again')
      const [policy] = await broker.policies()
      return `policy ${policy?.name}: ${JSON.stringify(policy?.definition)}`
    },
  },
]
