// Order and repetition do not matter: any shuffle, any duplication, any split across concurrent intakes ends in the same incidents.
// `TOCSIN_RUNS=3000 npm run jest -- test/property/order.test.ts` tries 3,000 cases of each property: some minutes, worth it after a change here.
import { describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import type { Config } from '../../lambda/core/services/config.ts'
import type { Incoming } from '../../lambda/ports/runtime.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { tellStory } from '../../replay/replay.ts'
import { world } from '../../replay/world.ts'
import { at, body, type Told } from '../support/alarms.ts'
import { configOf, night, onTime, SERVICES } from '../support/night.ts'
import { outcomeOf, type Outcome } from '../support/outcome.ts'

const METRICS = ['RequestLatency', 'ErrorCount', 'DiskUsed', 'MemoryUsed']

const RUNS = process.env['TOCSIN_RUNS']
/** How many cases, and how long they may take (ms). */
const runs = (usual: number): { numRuns: number } => ({ numRuns: RUNS === undefined ? usual : Number(RUNS) })
jest.setTimeout(Math.max(60_000, Number(RUNS ?? 0) * 300))

/** Any graph, cycles included; a service may depend on none. */
const configs: fc.Arbitrary<Config> = fc
  .array(fc.subarray(SERVICES, { maxLength: 2 }), { minLength: SERVICES.length, maxLength: SERVICES.length })
  .map((edges) => configOf(Object.fromEntries(SERVICES.map((id, i) => [id, edges[i]!.filter((to) => to !== id)]))))

/** What an alarm goes through, again and again. */
const ROUNDS = [
  ['ALARM', 'OK'],
  ['ALARM', 'INSUFFICIENT_DATA', 'OK'],
  ['ALARM', 'OK', 'INSUFFICIENT_DATA'],
] as const

/** What one alarm did: it fires and recovers in turn, at different seconds. */
const livesOf = (seconds: number): fc.Arbitrary<Told[]> =>
  fc
    .record({
      service: fc.constantFrom(...SERVICES),
      metric: fc.constantFrom(...METRICS),
      times: fc.uniqueArray(fc.integer({ min: 0, max: seconds }), { minLength: 1, maxLength: 5 }),
      value: fc.integer({ min: 4, max: 40 }),
      round: fc.constantFrom(...ROUNDS),
    })
    .map(({ service, metric, times, value, round }) =>
      times
        .toSorted((x, y) => x - y)
        .map((seconds, i) => ({
          name: `${service}/${metric}`,
          service,
          metric,
          value,
          at: seconds,
          state: round[i % round.length]!,
        })),
    )

const alarmsOf = (seconds: number): fc.Arbitrary<Told[]> =>
  fc
    .uniqueArray(livesOf(seconds), { minLength: 2, maxLength: 7, selector: ([first]) => first!.name })
    .map((all) => all.flat())

/** Less than the grace time (300 s): nothing has ended before everything is known. */
const alarms = alarmsOf(290)

/** Everything has happened before anything is delivered: only the order of the deliveries differs. */
const NOW = at(3600)

async function outcome(
  config: Config,
  play: (deliver: (batch: Incoming[], outside?: (runtime: Runtime) => Runtime) => Promise<void>) => Promise<void>,
): Promise<Outcome> {
  let outside: ((runtime: Runtime) => Runtime) | undefined
  const played = world(config, NOW, (runtime) => outside?.(runtime) ?? runtime)
  await play(async (batch, through) => {
    outside = through
    await played.deliver(batch)
    outside = undefined
  })
  await played.clock.run()
  return outcomeOf(await tellStory(played, []))
}

const messagesOf = (told: readonly Told[]): Incoming[] => told.map((one, i) => ({ id: String(i), body: body(one) }))

const inOrder = (config: Config, told: readonly Told[]): Promise<Outcome> =>
  outcome(config, async (deliver) => {
    for (const message of messagesOf([...told].sort((x, y) => x.at! - y.at!))) await deliver([message])
  })

describe('the incidents are the same', () => {
  test('in any order, however often each change comes, and however it is split into batches', async () => {
    const shuffled = alarms.chain((told) =>
      fc.record({
        told: fc.constant(told),
        order: fc.shuffledSubarray([...told, ...told], { minLength: told.length }),
        size: fc.integer({ min: 1, max: 10 }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(configs, shuffled, async (config, { told, order, size }) => {
        const missing = told.filter((one) => !order.includes(one))
        const messages = messagesOf([...order, ...missing])
        const actual = await outcome(config, async (deliver) => {
          for (let i = 0; i < messages.length; i += size) await deliver(messages.slice(i, i + size))
        })
        expect(actual).toEqual(await inOrder(config, told))
      }),
      runs(300),
    )
  })

  test('in any number of intakes at once, whoever is faster at each step', async () => {
    await fc.assert(
      fc.asyncProperty(
        configs,
        alarms,
        fc.integer({ min: 2, max: 4 }),
        fc.scheduler(),
        async (config, told, intakes, scheduler) => {
          const messages = messagesOf(told)
          const actual = await outcome(config, async (deliver) => {
            const slow = (runtime: Runtime): Runtime => {
              const { table } = runtime
              return {
                ...runtime,
                clock: { ...runtime.clock, sleepUpTo: async () => undefined },
                table: {
                  get: scheduler.scheduleFunction(table.get),
                  getMany: scheduler.scheduleFunction(table.getMany),
                  replace: scheduler.scheduleFunction(table.replace),
                  advance: scheduler.scheduleFunction(table.advance),
                  remove: scheduler.scheduleFunction(table.remove),
                  list: scheduler.scheduleFunction(table.list),
                  scan: scheduler.scheduleFunction(table.scan),
                },
              }
            }
            const shares = Array.from({ length: intakes }, (_, share) =>
              messages.filter((_, i) => i % intakes === share),
            )
            await scheduler.waitFor(
              Promise.all(shares.filter(({ length }) => length > 0).map((share) => deliver(share, slow))),
            )
          })
          expect(actual).toEqual(await inOrder(config, told))
        },
      ),
      runs(150),
    )
  })

  test('over hours, when messages overtake each other by up to two minutes, with one post for each incident', async () => {
    const delay = fc.integer({ min: 0, max: 120 })
    const late = alarmsOf(6000).chain((told) =>
      fc.record({
        told: fc.constant(told),
        delays: fc.array(fc.tuple(delay, delay), { minLength: told.length, maxLength: told.length }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(configs, late, async (config, { told, delays }) => {
        const twice = told.flatMap((one, i) => delays[i]!.map((delay) => ({ one, arrives: one.at! + delay })))
        const story = await night(config, twice)
        const calm = await onTime(config, told)
        expect(outcomeOf(story)).toEqual(outcomeOf(calm))
        // Also for an incident that was merged later: its message says where it went.
        for (const { slack } of [story, calm])
          expect(Object.values(slack.perIncident).map(({ posts }) => posts)).toEqual(
            Object.keys(slack.perIncident).map(() => 1),
          )
      }),
      runs(100),
    )
  })
})
