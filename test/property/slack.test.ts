// However much trouble Slack has, and whoever dies meanwhile: in the end each incident has one message, which shows what is true, and its thread tells
// everything once.
// `TOCSIN_RUNS=1000 npm run jest -- test/property/slack.test.ts` tries a thousand nights.
import { expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { checkConfig } from '../../lambda/config.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { world, type World } from '../../replay/world.ts'
import { at, body } from '../support/alarms.ts'
import { faults } from '../support/faults.ts'
import { troubled, type Fate } from '../support/troubled.ts'

const RUNS = Number(process.env['TOCSIN_RUNS'] ?? 60)
jest.setTimeout(Math.max(60_000, RUNS * 1000))

const SERVICES = ['a', 'b', 'c', 'x', 'y'] as const
const config = checkConfig({
  slack: { channel: '#incidents' },
  services: { a: {}, b: { dependsOn: ['a'] }, c: { dependsOn: ['b'] }, x: {}, y: {} },
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

async function play(night: Night, process?: (runtime: Runtime) => Runtime): Promise<World> {
  const played = world(config, at(0), process)
  const firing = new Set<string>()
  const sorted = [...night].sort((a, b) => a.at - b.at)
  for (const [line, { service: place, at: seconds }] of sorted.entries()) {
    const service = SERVICES[place]!
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

/** What Slack shows of each incident in the end. */
function shown({ chat }: World): Shown[] {
  const all = [...chat.messages.values()]
  const posts = all.filter(({ threadTs }) => threadTs === undefined)
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
const told = ({ thread }: Shown): string[] => thread.filter((line) => !isCall(line))

/** What happened before a message was posted stands in the message; everything after it is in the thread, once, in order. */
function expectSame(wild: readonly Shown[], calm: readonly Shown[]): void {
  const outside = (all: readonly Shown[]) => all.map(({ thread: _, ...post }) => post)
  expect(outside(wild)).toEqual(outside(calm))
  for (const [place, one] of wild.entries()) {
    const whole = told(calm[place]!)
    expect(told(one)).toEqual(whole.slice(whole.length - told(one).length))
    expect(one.thread.some(isCall)).toBe(calm[place]!.thread.some(isCall))
  }
}

test('a Slack that loses answers, hangs, asks to wait and refuses, and a process that dies now and then', async () => {
  await fc.assert(
    fc.asyncProperty(
      nights,
      fc.array(fates, { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 4 }),
      fc.constantFrom('before', 'after'),
      async (night, troubles, deaths, when) => {
        const calm = await play(night)
        const queue = [...troubles]
        const trouble = troubled(() => queue.shift() ?? 'answered')
        const notify = faults(deaths, when)
        // Only notify dies: when intake does, incidents are not the same.
        const wild = await play(night, (runtime) => {
          const { table, ...rest } = notify.spawn(runtime)
          return trouble({ ...runtime, chat: rest.chat })
        })
        expectSame(shown(wild), shown(calm))
        expect([wild.unheard, wild.deadLetters]).toEqual([[], []])
      },
    ),
    { numRuns: RUNS },
  )
})
