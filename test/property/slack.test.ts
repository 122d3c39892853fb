// However much trouble Slack has, and whoever dies meanwhile: in the end each incident has one message, which shows what is true, and its thread tells
// everything once.
// `TOCSIN_RUNS=1000 npm run jest -- test/property/slack.test.ts` tries a thousand nights.
import { expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { checkConfig } from '../../lambda/config.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { world, type World } from '../../replay/world.ts'
import { at, body } from '../support/alarms.ts'
import { faults, type Faults } from '../support/faults.ts'
import { troubled, type Fate } from '../support/troubled.ts'

const RUNS = Number(process.env['TOCSIN_RUNS'] ?? 60)
jest.setTimeout(Math.max(60_000, RUNS * 1000))

const SERVICES: readonly string[] = ['a', 'b', 'c', 'x', 'y', 'z']
const config = checkConfig({
  slack: { channel: '#incidents' },
  services: { a: {}, b: { dependsOn: ['a'] }, c: { dependsOn: ['b'] }, x: {}, y: {}, z: {} },
  escalation: [{ afterSeconds: 120, notify: ['U0LEAD'] }],
})

/** Each alarm fires and recovers in turn, seconds after the start. */
const nights = fc.array(fc.record({ service: fc.nat(SERVICES.length - 1), at: fc.nat(900) }), {
  minLength: 1,
  maxLength: 25,
})
type Night = typeof nights extends fc.Arbitrary<infer T> ? T : never

const fates = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('answered') },
  { weight: 2, arbitrary: fc.constant<Fate>('done but lost') },
  { weight: 1, arbitrary: fc.constant<Fate>('lost') },
  { weight: 1, arbitrary: fc.constant<Fate>('hangs') },
  { weight: 1, arbitrary: fc.constant<Fate>({ is: 'retry', afterSeconds: 3 }) },
  { weight: 1, arbitrary: fc.constant<Fate>({ is: 'retry', afterSeconds: 40 }) },
  { weight: 1, arbitrary: fc.constant<Fate>({ is: 'refused', by: 'channel', reason: 'not_in_channel' }) },
)

/** Whoever opens a ledger may die; when intake does, incidents are not the same. */
function onlyNotify(deadly: Faults, runtime: Runtime): Runtime {
  const mortal = deadly.spawn(runtime)
  let isNotify = false
  const either = <Port extends object>(one: Port, other: Port): Port =>
    Object.fromEntries(
      Object.entries(one).map(([name, call]) => [
        name,
        (...args: unknown[]) => {
          isNotify ||= name === 'list' && String(args[0]).startsWith('PLACE#')
          const chosen = (isNotify ? call : other[name as keyof Port]) as (...args: unknown[]) => unknown
          return chosen(...args)
        },
      ]),
    ) as Port
  return {
    ...runtime,
    table: either(mortal.table, runtime.table),
    timers: either(mortal.timers, runtime.timers),
    notices: either(mortal.notices, runtime.notices),
    chat: mortal.chat,
  }
}

async function play(
  night: Night,
  by: typeof config,
  services: readonly string[],
  process?: (runtime: Runtime) => Runtime,
): Promise<World> {
  const played = world(by, at(0), process)
  const firing = new Set<string>()
  const sorted = [...night].sort((a, b) => a.at - b.at)
  for (const [line, { service: place, at: seconds }] of sorted.entries()) {
    const service = services[place]!
    const name = `${service}/latency`
    const state = firing.delete(name) ? 'OK' : 'ALARM'
    if (state === 'ALARM') firing.add(name)
    const message = { id: String(line), body: body({ name, service, state, at: seconds }) }
    played.clock.at(at(seconds), async () => void (await played.deliver([message])))
  }
  await played.clock.run()
  return played
}

interface Shown {
  tag: string
  text: string
  blocks: unknown
  /** Lines, in the order in which they were told. */
  thread: string[]
}

/** A message that was merged says no more, and whether it was ever posted depends on how soon Slack took it. */
const isMerged = ({ text }: { text: string }): boolean => text.startsWith('↪️')

/** What Slack shows of each incident in the end. */
function shown({ chat }: World): Shown[] {
  const all = [...chat.messages.values()]
  const posts = all.filter((post) => post.threadTs === undefined && !isMerged(post))
  return posts
    .map(({ ts, tag, text, blocks }) => ({
      tag,
      text,
      blocks,
      thread: all.filter(({ threadTs }) => threadTs === ts).flatMap((reply) => reply.text.split('\n')),
    }))
    .sort((a, b) => (a.tag < b.tag ? -1 : 1))
}

const isCall = (line: string): boolean => line.startsWith('<@')
/** A call for a digest says how many are open by then. */
const isCounted = (line: string): boolean => line.includes(' of this digest for ')
const told = ({ thread }: Shown): string[] => thread.filter((line) => !isCall(line) && !isCounted(line))

/**
 * What happened before a message was posted stands in the message; what came after it, and is told at once, is in its thread, in order. What need not
 * be told at once goes along with a reply that comes later.
 */
function expectSame(wild: readonly Shown[], calm: readonly Shown[]): void {
  const outside = (all: readonly Shown[]) => all.map(({ thread: _, ...post }) => post)
  expect(outside(wild)).toEqual(outside(calm))
  for (const [place, one] of wild.entries()) {
    const whole = told(calm[place]!)
    const known = told(one).filter((line) => whole.includes(line))
    expect(known).toEqual(whole.slice(whole.length - known.length))
    expect(told(one).filter((line, at, all) => all.indexOf(line) !== at)).toEqual([])
    expect(one.thread.some(isCall)).toBe(calm[place]!.thread.some(isCall))
  }
}

/** `compare`: what Slack shows after a night with trouble and deaths, and after the same night without. */
const nightsIn = (
  by: typeof config,
  compare: (wild: World, calm: World) => void,
  { of = nights, services = SERVICES } = {},
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(
      of,
      fc.array(fates, { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 4 }),
      fc.constantFrom('before', 'after'),
      async (night, troubles, deaths, when) => {
        const calm = await play(night, by, services)
        const queue = [...troubles]
        const trouble = troubled(() => queue.shift() ?? 'answered')
        const deadly = faults(deaths, when)
        const wild = await play(night, by, services, (runtime) => trouble(onlyNotify(deadly, runtime)))
        compare(wild, calm)
        expect([wild.unheard, wild.deadLetters]).toEqual([[], []])
      },
    ),
    { numRuns: RUNS },
  )

test('a Slack that loses answers, hangs, asks to wait and refuses, and a process that dies now and then', () =>
  nightsIn(config, (wild, calm) => expectSame(shown(wild), shown(calm))))

/** `z` ties `x` and `y` together when it joins. */
const withTeams = checkConfig({
  slack: { channel: '#incidents' },
  services: {
    a: { team: 'one' },
    b: { team: 'two', dependsOn: ['a'] },
    c: { team: 'three', dependsOn: ['b'] },
    x: { team: 'one' },
    y: { team: 'two' },
    z: { dependsOn: ['x', 'y'] },
  },
  teams: {
    one: { channel: '#one', escalation: [{ afterSeconds: 120, notify: ['U0ONE'] }] },
    two: { channel: '#two', approvers: ['U0TWO'] },
    three: { channel: '#two', approvers: ['U0THREE'] },
  },
})

/** Each message by its channel and its incident: what it shows, without the time at which its home was posted, and the calls in its thread. */
function shownByPlace({ chat }: World): Map<string, unknown> {
  const all = [...chat.messages.values()]
  const posts = all.filter((post) => post.threadTs === undefined && !isMerged(post))
  const found = new Map<string, unknown>()
  for (const { ts, channel, text, blocks } of posts) {
    const key = `${channel} ${/INC-\d+/.exec(text)![0]}`
    if (found.has(key)) throw new Error(`${key} has two messages`)
    // That somebody else is called may stand in the message already.
    const thread = all.filter((one) => one.channel === channel && one.threadTs === ts && one.mentions.length > 0)
    const calls = thread.flatMap((reply) =>
      reply.text.split('\n').filter((line) => line.includes('probable cause for')),
    )
    found.set(key, { text, calls, blocks: JSON.stringify(blocks).replace(/\/p\d+\|/g, '/p|') })
  }
  return found
}

test('the same with teams: each place has one message of an incident, and each call is made once', () =>
  nightsIn(withTeams, (wild, calm) => expect(shownByPlace(wild)).toEqual(shownByPlace(calm))))

const MANY = Array.from({ length: 24 }, (_, place) => `s${place}`)
const untied = checkConfig({
  slack: { channel: '#incidents' },
  services: Object.fromEntries(MANY.map((service) => [service, {}])),
  severity: [{ when: { name: 's2?/latency' }, is: 'critical' }],
  escalation: [{ afterSeconds: 120, notify: ['U0LEAD'] }],
})

/** All fire within seconds, and some of them change again. */
const floods = fc
  .tuple(
    fc.array(fc.nat(30), { minLength: MANY.length, maxLength: MANY.length }),
    fc.array(fc.record({ service: fc.nat(MANY.length - 1), at: fc.integer({ min: 31, max: 900 }) }), { maxLength: 20 }),
  )
  .map(([times, later]) => [...times.map((at, service) => ({ service, at })), ...later])

test('the same in a flood: each incident has one message or is in the digest, which is one message and true', () =>
  nightsIn(untied, (wild, calm) => expectSame(shown(wild), shown(calm)), { of: floods, services: MANY }))
