// Slack's limits hold, whatever an incident consists of; and what is left out is counted.
import fc from 'fast-check'
import { causesOf } from '../../../../lambda/core/correlate/cause.ts'
import type { Entry } from '../../../../lambda/core/incident/timeline.ts'
import { unrelated } from '../../../../lambda/core/respond/actions/unrelated.ts'
import { shownAlarms } from '../../../../lambda/core/notify/slack/alarms-text.ts'
import type { Message } from '../../../../lambda/core/notify/slack/blocks.ts'
import { renderHistory, renderUnreadable } from '../../../../lambda/core/notify/slack/history.ts'
import { render } from '../../../../lambda/core/notify/slack/message.ts'
import type { Rules } from '../../../../lambda/core/services/rules.ts'
import { alarm, clicked as clickedOn, later, play, playAtOnce, rulesFor, T0 } from '../../incidents.ts'

type Json = Record<string, unknown>

/** Everything in it that Slack would refuse. https://docs.slack.dev/reference/block-kit */
function refusals(value: unknown, place = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((entry, i) => refusals(entry, `${place}[${i}]`))
  const { type, text, fields, elements, options, block_id } = value as Json
  const length = (of: unknown): number => (typeof of === 'string' ? of.length : ((of as Json)['text'] as string).length)
  const tooLong = (of: unknown, most: number): boolean => of !== undefined && (length(of) > most || length(of) === 0)
  const wrong = [
    type === 'header' && tooLong(text, 150) && 'header',
    type === 'section' && tooLong(text, 3000) && 'section',
    type === 'button' && tooLong(text, 75) && 'button',
    (type === 'mrkdwn' || type === 'plain_text') && tooLong(text, 3000) && 'text',
    Array.isArray(fields) && (fields.length > 10 || fields.some((entry) => tooLong(entry, 2000))) && 'fields',
    Array.isArray(elements) && (elements.length > 25 || elements.length === 0) && 'elements',
    type === 'context' && (elements as unknown[]).length > 10 && 'context',
    Array.isArray(options) && (options.length > 100 || options.length === 0) && 'number of options',
    Array.isArray(options) &&
      (options as Json[]).some((o) => tooLong(o['text'], 75) || tooLong(o['value'], 150)) &&
      'option',
    typeof block_id === 'string' && block_id.length > 255 && 'block_id',
    typeof text === 'string' && !text.isWellFormed() && 'half a character',
  ].filter((problem) => problem !== false)
  return [
    ...wrong.map((problem) => `${place}: ${problem}`),
    ...Object.entries(value).flatMap(([key, entry]) => refusals(entry, `${place}.${key}`)),
  ]
}

function expectTaken({ text, blocks }: Message): void {
  expect(blocks.length).toBeLessThanOrEqual(50)
  expect(text.length).toBeGreaterThan(0)
  expect(text.length).toBeLessThanOrEqual(4_000)
  expect(refusals(blocks, 'blocks')).toEqual([])
}

const ODD = ['<!channel> ', '🦉', '&', '磁', '*_~`', '\u202e', "'()!", 'ö', 'W', '| ', '%']
const oddName = (unit: string, i: number): string => `${unit.repeat(255)}`.slice(0, 250) + String(i).padStart(5, '0')

/** `count` services that depend on the first, each with alarms of several signals. */
function monster(count: number, title: (i: number) => string, nameOf?: (id: string, metric: string) => string) {
  const ids = Array.from({ length: count }, (_, i) => `service-${i}`)
  const services = ids.map((id, i) => [id, { title: title(i), dependsOn: i === 0 ? [] : [ids[0]!] }] as const)
  const rules = rulesFor(Object.fromEntries(services))
  const changes = ids.flatMap((id, i) =>
    ['latency', 'Errors', 'DiskFree', 'CPU'].map((metric) =>
      alarm(id, i / count, {
        name: nameOf?.(id, metric) ?? oddName(ODD[i % ODD.length]!, i * 10 + metric.length),
        metric,
        value: 5,
        threshold: 1,
        side: 'above',
      }),
    ),
  )
  return { rules, ...playAtOnce(rules, changes) }
}

const messageOf = ({ rules, only, alarms }: ReturnType<typeof monster>): Message => {
  const causes = causesOf(only, rules)
  const keys = new Set(shownAlarms(only, causes))
  return render({ incident: only, causes, alarms: new Map([...alarms].filter(([key]) => keys.has(key))) }, rules)
}

const big = monster(500, (i) => oddName(ODD[i % ODD.length]!, i))

describe('an incident of 500 services, with names of 255 odd characters', () => {
  const { rules, board, only } = big

  test('is one incident', () => {
    expect(Object.keys(board.incidents)).toHaveLength(1)
    expect(Object.keys(only.services)).toHaveLength(500)
  })

  test.each(['open', 'acknowledged', 'snoozed', 'resolved'] as const)('is taken by Slack: %s', (status) => {
    const does = { open: undefined, acknowledged: 'acknowledge', snoozed: 'snooze', resolved: 'resolve' } as const
    const name = does[status]
    const who = { id: 'U0ANA', name: '🦉'.repeat(200) }
    const clicked = name ? clickedOn(board, rules, { do: name, incident: only.id, choice: '1h', who }).board! : board
    expectTaken(messageOf({ ...big, only: clicked.incidents[only.id]! }))
  })

  test('has a thread that Slack takes', () => {
    expectTaken(renderHistory(only.timeline, rules, Array<string>(400).fill('U0ANA1234')))
  })

  test('has a dialog that Slack takes', () => {
    expect(refusals(unrelated.dialog!.view(only, rules), 'view')).toEqual([])
  })
})

describe('no service gets lost: what is not shown is counted', () => {
  const ordinary = (id: string, metric: string): string => `production/${id}/${metric}-is-too-high-for-5-minutes`
  const cases: [string, ReturnType<typeof monster>][] = [
    ['eight services with ordinary names', monster(8, (i) => `Service ${i}`, ordinary)],
    ...ODD.map((unit): [string, ReturnType<typeof monster>] => [
      `names of ${unit}`,
      monster(6, (i) => oddName(unit, i)),
    ]),
  ]
  test.each(cases)('%s', (_, incident) => {
    const { blocks } = messageOf(incident)
    const lines = ((blocks[3]!['text'] as Json)['text'] as string).split('\n').slice(1)
    const counted = Number(/and (\d+) more service/.exec(lines.at(-1) ?? '')?.[1] ?? 0)
    const services = Object.keys(incident.only.services).length
    expect(lines.filter((line) => line.startsWith('•')).length + counted).toBe(services)
  })
})

describe('a long text of the config is cut, not refused', () => {
  const cases: [string, Rules][] = [
    ['a title of 10,000 characters', rulesFor({ api: { title: '<x> & '.repeat(1_700) } })],
    ['an empty looking title', rulesFor({ api: { title: '\u200b' } })],
    [
      '300 people to tell',
      rulesFor({ api: {} }, { escalation: [{ afterSeconds: 60, notify: Array<string>(300).fill('U0123456789') }] }),
    ],
    [
      'names to tell of 5,000 characters',
      rulesFor({ api: {} }, { escalation: [{ afterSeconds: 60, notify: ['<'.repeat(5_000)] }] }),
    ],
  ]
  test.each(cases)('%s', (_, rules) => {
    const { board, alarms } = play(rules, [alarm('api', 0)])
    for (const minute of [0, 60]) {
      const only = later(board, rules, minute).incidents['INC-0001']!
      expectTaken(messageOf({ rules, board, alarms, only }))
      expectTaken(renderHistory(only.timeline, rules, rules.config.escalation[0]?.notify ?? []))
    }
  })

  test('services whose ids are too long for a menu do not make an empty one', () => {
    const rules = rulesFor({})
    const { only } = play(rules, [alarm('x', 0, { name: 'n'.repeat(255), dimensions: {} })])
    expect(refusals(unrelated.dialog!.view(only, rules), 'view')).toEqual([])
  })
})

describe('a line of the thread', () => {
  const rules = rulesFor({})
  const entry = (text: string): Entry => ({ at: T0, kind: 'opened', text })
  test.each([
    ['of 10,000 characters', [entry('x'.repeat(10_000))]],
    ['that grows when it is escaped', [entry('&'.repeat(1_000))]],
    ['among a thousand others', Array.from({ length: 1_000 }, () => entry('x'.repeat(200)))],
  ])('%s is still told', (_, entries) => {
    expectTaken(renderHistory(entries, rules, []))
  })
})

test('whoever is told is mentioned, however much else there is to tell', () => {
  const entries = Array.from({ length: 100 }, (_, i): Entry => ({
    at: T0,
    kind: i === 99 ? 'escalated' : 'severity',
    text: 'x',
  }))
  const people = ['U0FIRST001', 'U0FIRST002', 'U0FIRST003', 'U0FIRST004', 'U0FIRST005']
  expect(renderHistory(entries, rulesFor({}), people).text).toContain(
    '<@U0FIRST001>, <@U0FIRST002>, <@U0FIRST003>, <@U0FIRST004> and <@U0FIRST005>',
  )
})

test('any sample of what cannot be read is taken', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 181 }), (sample) => {
      const slack = { shown: 0, threaded: 0 }
      const { blocks } = renderUnreadable(
        { count: 1, since: T0, last: T0, reason: 'it is not JSON', sample, slack },
        big.rules,
      )
      return refusals(blocks).length === 0
    }),
  )
})

test('an acknowledged message names the person as Slack mentions people', () => {
  const { rules, board } = monster(2, String)
  const clicked = clickedOn(board, rules, { do: 'acknowledge', incident: 'INC-0001' }).board!
  expect(JSON.stringify(messageOf({ ...big, rules, only: clicked.incidents['INC-0001']! }).blocks)).toContain(
    '<@U0ANA>',
  )
})
