// The deployed functions, run by hand on the world's table: alarms come in, people click, Slack is told.
import { checkConfig, type ConfigInput } from '../../lambda/config.ts'
import { homeOf } from '../../lambda/core/notify/places.ts'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import { intake } from '../../lambda/stages/intake.ts'
import { actOnce } from '../../lambda/stages/respond.ts'
import { clock } from '../../lambda/runtime.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { throughDoor } from '../../lambda/store/door.ts'
import { openLedger } from '../../lambda/store/ledger/ledger.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { ACCOUNT, REGION, type Deployed } from './deployed.ts'

export interface Deployment {
  alarm(name: string, state: 'ALARM' | 'OK'): Promise<void>
  acknowledge(name: string): Promise<void>
  /** A timer looks again. */
  wake(): Promise<void>
  /** What is on the board is in Slack, as this message, with all of its thread. */
  tell(ref: string): Promise<void>
}

export function deploymentOf(
  world: Pick<Deployed, 'table'>,
  correlation: { holdSeconds?: number } = {},
  teams: ConfigInput['teams'] = {},
): Deployment {
  const services = { shop: { alarms: [{ name: 'shop/*' }] } }
  const runtime = {
    table: world.table,
    clock,
    rules: rulesOf(checkConfig({ slack: { channel: 'incidents' }, services, correlation, teams })),
    notices: { changed: async () => undefined },
    timers: { wake: async () => undefined, tell: async () => undefined },
    runs: { start: async () => undefined },
    people: { isIn: async () => false, isFullMember: async () => true },
    deadLetters: { keep: async () => undefined },
    log: () => undefined,
  } satisfies Partial<Runtime>
  return {
    async alarm(name, state) {
      await intake(runtime, [{ id: name, body: JSON.stringify(event(name, state)) }])
    },
    async acknowledge(name) {
      await actOnce(runtime, { do: 'acknowledge', incident: 'INC-0001' }, { id: 'U0ANA', name })
    },
    wake: () => throughDoor(runtime, { move: () => undefined }),
    async tell(ref) {
      const { incidents } = await readBoard(world.table)
      for (const incident of Object.values(incidents)) {
        const { id, change, timeline } = incident
        const ledger = await openLedger(runtime, homeOf(incident, runtime.rules))
        await ledger.save(id, { ref, shown: change, threaded: timeline.length })
      }
    },
  }
}

const event = (alarmName: string, value: string): object => ({
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: ACCOUNT,
  region: REGION,
  time: new Date().toISOString(),
  resources: [`arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${alarmName}`],
  detail: { alarmName, state: { value, timestamp: new Date().toISOString().replace('Z', '+0000') } },
})
