// What people see of an incident: who is on it, what comes next, which buttons, and what it says where blocks are not shown.
import type { ConfigInput } from '../../../../lambda/config.ts'
import { causesOf } from '../../../../lambda/core/correlate/cause.ts'
import { emptyBoard, type Board } from '../../../../lambda/core/incident/board.ts'
import type { Incident } from '../../../../lambda/core/incident/incident.ts'
import type { Message } from '../../../../lambda/core/notify/slack/blocks.ts'
import { renderHistory } from '../../../../lambda/core/notify/slack/history.ts'
import { render } from '../../../../lambda/core/notify/slack/message.ts'
import type { ActionName } from '../../../../lambda/core/respond/actions/index.ts'
import type { Rules } from '../../../../lambda/core/services/rules.ts'
import { alarm, clicked, later, minutes, onlyOn, play, recovery, rulesFor, T0, type Played } from '../../incidents.ts'

const SERVICES: ConfigInput['services'] = {
  web: { title: 'Web', kind: 'load-balancer', dependsOn: ['api'] },
  api: { title: 'API', dependsOn: ['broker'] },
  broker: { title: 'Message broker', kind: 'queue' },
}
const rules = rulesFor(SERVICES)
const escalating = rulesFor(SERVICES, {
  escalation: [{ afterSeconds: 600, notify: ['U0FIRST', 'S0TEAM', 'ops desk'] }],
})

const disk = { name: 'broker/disk', metric: 'RabbitMQDiskFree', namespace: 'AWS/AmazonMQ' }
const measure = { value: 4_080_218_931, threshold: 4 * 1024 ** 3, side: 'below' as const }
const one = play(rules, [alarm('api', 0)])
const two = play(rules, [alarm('api', 0), alarm('broker', 1, { ...disk, ...measure })])
const quiet = play(rules, [recovery('api', 10), recovery('broker', 12, disk)], two)

const messageOf = (board: Board, alarms: Played['alarms'] = two.alarms, by: Rules = rules): Message => {
  const incident = onlyOn(board)
  return render({ incident, causes: causesOf(incident, by), alarms }, by)
}
const click = (board: Board, does: ActionName, choice?: string): Board =>
  clicked(board, rules, { at: 14, do: does, incident: 'INC-0001', ...(choice && { choice }) }).board!

/** All its text, top to bottom. */
const shown = ({ blocks }: Message): string =>
  JSON.stringify(blocks, (key, value: unknown) => (key === 'emoji' || key === 'verbatim' ? undefined : value))

const buttons = ({ blocks }: Message): string[] =>
  blocks
    .filter(({ type }) => type === 'actions')
    .flatMap((block) => block['elements'] as { text?: { text: string }; placeholder?: { text: string } }[])
    .map(({ text, placeholder }) => (text ?? placeholder)!.text)

const field = ({ blocks }: Message, place: number): string =>
  (blocks.find(({ fields }) => fields)!['fields'] as { text: string }[])[place]!.text

describe('each status has its buttons', () => {
  test.each<[string, Board, string[]]>([
    ['open, one service', one.board, ['Acknowledge', 'Snooze', 'Resolve']],
    ['open, several services', two.board, ['Acknowledge', 'Snooze', 'Resolve', 'Not related…']],
    ['acknowledged', click(two.board, 'acknowledge'), ['Unacknowledge', 'Snooze', 'Resolve', 'Not related…']],
    ['snoozed', click(two.board, 'snooze', '1h'), ['Acknowledge', 'End snooze', 'Resolve', 'Not related…']],
    ['resolved', click(two.board, 'resolve'), ['Reopen']],
    ['resolved by itself', later(quiet.board, rules, 60), ['Reopen']],
    ['merged', { ...one.board, incidents: { a: { ...one.only, status: 'merged', mergedInto: 'INC-0002' } } }, []],
  ])('%s', (_, board, labels) => {
    expect(buttons(messageOf(board))).toEqual(labels)
  })

  test('each button says of which incident it is', () => {
    const actions = messageOf(two.board).blocks.find(({ type }) => type === 'actions')!
    expect(actions['block_id']).toBe('incident:INC-0001')
  })
})

const at = (minute: number): string => `<!date^${(T0 + minutes(minute)) / 1000}^{time}|`

describe('who is on it, and what comes next', () => {
  test.each<[string, Board, Rules, string, string]>([
    ['nobody', one.board, rules, 'nobody yet', 'somebody acknowledges it'],
    ['nobody, with an escalation', one.board, escalating, 'nobody yet', `somebody is called at ${at(10)}`],
    ['Ana', click(two.board, 'acknowledge'), rules, '<@U0ANA>', 'resolves when every alarm recovers'],
    [
      'snoozed',
      click(two.board, 'snooze', '1h'),
      rules,
      'snoozed by <@U0ANA>',
      `you will be notified again at ${at(74)}`,
    ],
    ['quiet now', quiet.board, rules, 'nobody yet', `resolves at ${at(17)}`],
    ['resolved by Ana', click(two.board, 'resolve'), rules, 'resolved by <@U0ANA>', `a refire before ${at(74)}`],
    ['resolved by itself', later(quiet.board, rules, 60), rules, 'nobody acknowledged it', `a refire before ${at(77)}`],
    [
      'resolved by itself, Ana was on it',
      later(click(quiet.board, 'acknowledge'), rules, 60),
      rules,
      '<@U0ANA>',
      'a refire before',
    ],
  ])('%s', (_, board, by, who, next) => {
    const message = messageOf(board, two.alarms, by)
    expect(field(message, 0)).toBe(`*On it*\n${who}`)
    expect(field(message, 1)).toContain(`*Next*\n${next}`)
  })
})

describe('at a glance', () => {
  const message = messageOf(two.board)
  test.each([
    ['what', '🟠 Message broker: low on disk'],
    ['how bad', '*major*'],
    ['since when', `since ${at(0)}14:00 UTC>`],
    ['where', '123456789012 eu-central-1'],
    ['why', '*Probable cause* Message broker'],
    ['why, with evidence', 'explains API that depends on it; disk ran short'],
    ['how much', '*2 of 2 alarms fire* in 2 services'],
    ['the number', '3.8 of 4 GiB free'],
    [
      'a link to the alarm',
      '<https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#alarmsV2:alarm/broker%2Fdisk|',
    ],
  ])('%s', (_, words) => {
    expect(shown(message)).toContain(words)
  })

  test('recovered alarms are ticked, and counted', () => {
    const half = play(rules, [recovery('api', 10)], two)
    expect(shown(messageOf(half.board, half.alarms))).toContain('*1 of 2 alarms fires*')
    expect(shown(messageOf(half.board, half.alarms))).toContain('*API*: ✓ ')
    expect(shown(messageOf(quiet.board, quiet.alarms))).toContain('All 2 alarms recovered')
  })
})

describe('where blocks are not shown, the text says', () => {
  test.each<[Board, string]>([
    [two.board, '🟠 INC-0001 Message broker: low on disk (major, open). Probable cause: Message broker'],
    [
      click(two.board, 'acknowledge'),
      '👀 INC-0001 Message broker: low on disk (major, acknowledged by Ana). Probable cause',
    ],
    [click(two.board, 'snooze', '1h'), '💤 INC-0001 Message broker: low on disk (major, snoozed)'],
    [click(two.board, 'resolve'), '✅ INC-0001 Message broker: low on disk (major, resolved by Ana)'],
  ])('%#', (board, text) => {
    expect(messageOf(board).text).toContain(text)
  })

  test('an incident that was merged says where it goes on', () => {
    const incident: Incident = { ...two.only, status: 'merged', mergedInto: 'INC-0002' }
    const { text, blocks } = messageOf({ ...emptyBoard(), nextId: 3, incidents: { 'INC-0001': incident } })
    expect(text).toBe('↪️ INC-0001 Message broker: low on disk is part of *INC-0002* and goes on there')
    expect(blocks).toHaveLength(1)
  })
})

test('the thread tells what happened, and mentions who is to come', () => {
  const { board } = play(escalating, [alarm('api', 0)])
  const { timeline } = onlyOn(later(board, escalating, 10))
  const { text } = renderHistory(timeline, escalating, ['U0FIRST', 'S0TEAM'])
  expect(text.replace(/<!date[^|]*\|([^>]*)>/g, '$1')).toBe(
    '<@U0FIRST> and <!subteam^S0TEAM>\n14:00 UTC Opened: API, latency\n14:10 UTC Nobody has acknowledged it for 10 min: telling @U0FIRST, @S0TEAM and @ops desk',
  )
})
