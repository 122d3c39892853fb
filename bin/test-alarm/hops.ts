// The hops of an alarm: how each is seen from the outside, and what to check when it does not happen.
import { stateOfAlarm } from '../../lambda/core/incident/alarm.ts'
import { resolveId } from '../../lambda/core/incident/board.ts'
import type { Incident } from '../../lambda/core/incident/incident.ts'
import { testAlarmIn } from '../../lambda/core/facts/test-alarm.ts'
import { keyOf } from '../../lambda/core/intake/cloudwatch.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { stepsOf } from '../../lambda/core/services/teams.ts'
import { people } from '../../lambda/core/words/words.ts'
import { look } from '../../lambda/store/board.ts'
import { toldAtHome } from '../../lambda/store/ledger/ledger.ts'
import { readAlarms } from '../../lambda/store/records.ts'
import type { Table } from '../../lambda/ports/table.ts'
import { setAlarm, stateOf } from '../aws/alarms.ts'
import { depthOf } from '../aws/queues.ts'
import { output, type Stack } from '../aws/stack.ts'
import { linkTo } from '../../lambda/core/notify/slack/link.ts'

export interface Trace {
  alarm: string
  arn: string
  table: Table
  stack: Stack
  incident?: string
  /** The incident's, when the alarm had just been taken in. */
  change?: number
}

/** `notBefore`: the message is held back until then (ms). */
export interface Seen {
  found?: string
  notBefore?: number
}

export interface Hop {
  name: string
  /** The key of the config that may hold it back. */
  heldBy?: string
  /** The message is in Slack: this is the time that people wait. */
  isArrival?: true
  begin?(trace: Trace): Promise<void>
  look(trace: Trace): Promise<Seen>
  advice(trace: Trace): Promise<string[]>
}

const alarmChanged: Hop = {
  name: 'alarm changed',
  async look({ alarm }) {
    return (await stateOf(alarm))?.state === 'ALARM' ? { found: `${alarm} is in ALARM` } : {}
  },
  advice: async () => [
    'CloudWatch took the change but does not show it: try again, or look at the AWS Health Dashboard',
  ],
}

const takenIn: Hop = {
  name: 'taken in',
  async look(trace) {
    const incident = await incidentOf(trace)
    if (!incident) return {}
    trace.incident = incident.id
    trace.change = incident.change
    return { found: `part of ${incident.id}` }
  },
  async advice({ stack }) {
    const queue = await depthOf(output(stack, 'IntakeQueueUrl'))
    const dead = await depthOf(output(stack, 'IntakeDeadLettersUrl'))
    return [
      queue.waiting + queue.inFlight > 0
        ? `${queue.waiting + queue.inFlight} wait in the intake queue: the logs of the Intake function say why`
        : 'the intake queue is empty: was the event sent? Look at the EventBridge rule "Every alarm that changes its state goes to Tocsin" in this region; try --via sns too',
      ...(dead.waiting > 0 ? [`${dead.waiting} dead letters of intake: npx tocsin redrive shows them`] : []),
    ]
  },
}

const inSlack: Hop = {
  name: 'message in Slack',
  heldBy: 'correlation.holdSeconds',
  isArrival: true,
  async look(trace) {
    const incident = await look(trace.table, (board) => resolveId(board, trace.incident))
    if (!incident) return {}
    if (incident.status === 'held' && incident.heldUntil !== undefined) return { notBefore: incident.heldUntil }
    const { ref, shown = 0 } = (await toldAtHome(trace.table, incident)) ?? {}
    if (ref === undefined || shown < (trace.change ?? 0)) return {}
    const { team } = testAlarmIn(trace.alarm) ?? {}
    const isElsewhere = team !== undefined && incident.team !== team
    return {
      found: `${linkTo(ref) ?? ref}${isElsewhere ? `, not where ${team} is: deploy the config that has it` : ''}`,
    }
  },
  async advice({ stack }) {
    const queue = await depthOf(output(stack, 'NoticesQueueUrl'))
    const dead = await depthOf(output(stack, 'NoticesDeadLettersUrl'))
    return [
      'npx tocsin doctor checks the token, the scopes and the channel',
      queue.waiting + queue.inFlight > 0
        ? `${queue.waiting + queue.inFlight} wait in the notices queue: the logs of the Notify function say what Slack answers`
        : 'the notices queue is empty: the logs of the Notify function say what it did',
      ...(dead.waiting > 0 ? [`${dead.waiting} dead letters of notices: npx tocsin redrive sends them again`] : []),
    ]
  },
}

const recovered: Hop = {
  name: 'recovery taken in',
  begin: async ({ alarm }) => setAlarm(alarm, 'OK', 'tocsin test-alarm is over'),
  async look(trace) {
    const alarm = await recordOf(trace)
    return alarm && stateOfAlarm(alarm) === 'OK'
      ? { found: `${trace.incident!} resolves by itself when it stays quiet` }
      : {}
  },
  advice: takenIn.advice,
}

const called = (config: Config): Hop => ({
  name: 'somebody called',
  heldBy: 'escalation',
  async look({ table, incident: id }) {
    const incident = await look(table, (board) => resolveId(board, id))
    const step = incident && stepsOf(incident.team, config)[0]
    if (!step) return {}
    const notBefore = incident.waitingSince + step.afterSeconds * 1000
    if (incident.escalated === 0) return { notBefore }
    const { threaded = 0 } = (await toldAtHome(table, incident)) ?? {}
    return incident.called !== undefined && threaded >= incident.called
      ? { found: `${people(step.notify)}, in the thread` }
      : { notBefore }
  },
  advice: async () => [
    'did somebody acknowledge it? Then nobody is called',
    'else the logs of the Escalate and Notify functions say what happened',
  ],
})

/** `config`: set if somebody is called as well. */
export const hopsOf = (config: Config | undefined): readonly Hop[] => [
  alarmChanged,
  takenIn,
  inSlack,
  ...(config ? [called(config)] : []),
  recovered,
]

async function recordOf({ table, alarm, arn }: Trace) {
  const [, , , region, account] = arn.split(':')
  const key = keyOf(account, region, alarm)
  return (await readAlarms(table, [key])).get(key)
}

async function incidentOf(trace: Trace): Promise<Incident | undefined> {
  const record = await recordOf(trace)
  return record?.incident === undefined
    ? undefined
    : look(trace.table, (board) => resolveId(board, record.incident, record.service))
}
