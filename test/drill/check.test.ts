// A world is data: everything wrong with it is reported at once, and the built-in ones are right.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import { checkWorld, WorldError, worldSchema } from '../../drill/world/plan/check.ts'
import type { WorldInput } from '../../drill/world/plan/schema.ts'
import { BUILT_IN, changed, inputOf, rehearse } from './worlds.ts'

const mistakesIn = (input: unknown): string[] => {
  try {
    checkWorld(input)
    return []
  } catch (error) {
    return (error as WorldError).mistakes.map(({ key, problem }) => `${key}: ${problem}`)
  }
}

describe('the built-in worlds', () => {
  test.each(BUILT_IN)('%s is right, and so is its Tocsin config', (name) => {
    const plan = checkWorld(inputOf(name))
    expect(checkConfig(plan.tocsin).runbooks.length).toBeGreaterThan(0)
  })

  test('drill/world.schema.json is current; npm run schema writes it', () => {
    const published: unknown = JSON.parse(
      readFileSync(new URL('../../drill/world.schema.json', import.meta.url), 'utf8'),
    )
    expect(published).toEqual(JSON.parse(JSON.stringify(worldSchema())))
  })
})

describe('a world with mistakes', () => {
  test('names all of them, each with its key and what to write', () => {
    const mistakes = mistakesIn(
      changed('broker-queue-backlog', (input) => {
        const world = input as unknown as Record<string, Record<string, Record<string, unknown>>>
        world['alarms']!['studio-web/5xx']!['threshold'] = 'many'
        world['alarms']!['studio-api/latency-p99']!['measures'] = { service: 'studio-apii', value: 'latencySeconds' }
        world['services']!['studio-api']!['calls'] = [{ to: 'studio-brokr', timeoutSeconds: 1 }]
        ;(world as unknown as { events: unknown }).events = [
          { at: 4000, does: 'consumers', broker: 'studio-broker', queue: 'campaign-job', count: 0 },
          { at: 4, does: 'explode' },
        ]
        Object.assign(world, { colour: 'red' })
      }),
    ).join('\n')
    for (const words of [
      'alarms["studio-web/5xx"].threshold: must be a number, not "many"',
      'alarms["studio-api/latency-p99"].measures.service: there is no service "studio-apii"; did you mean "studio-api"?',
      'services.studio-api.calls[0].to: there is no service or broker "studio-brokr"; did you mean "studio-broker"?',
      'events[0].queue: there is no queue "campaign-job"; did you mean "campaign-jobs"?',
      'events[0].at: is 4000, when the drill has ended (seconds: 3600)',
      'events[1].does: "explode" is not known; write one of consumers',
      'colour: is not a key of this world',
    ])
      expect(mistakes).toContain(words)
  })

  test.each([
    [
      'an alarm on a metric that nobody publishes',
      { alarms: { a: { namespace: 'AWS/ECS', metric: 'MemoryUtilisation', threshold: 1 } } },
      'alarms.a: nothing in this world publishes AWS/ECS MemoryUtilisation with these dimensions; add "measures"',
    ],
    [
      'a value that a queue does not have',
      { curves: [{ title: 'x', measures: { broker: 'studio-broker', queue: 'audit-log', value: 'size' } }] },
      'curves[0].measures: has no value "size"; of { "broker", "queue", "value" } it is one of messages, ready, bytes',
    ],
    [
      'no limit to be healthy',
      { healthy: [{ measures: { broker: 'studio-broker', value: 'blocked' } }] },
      'healthy[0]: needs one of "above" and "below"',
    ],
    ['no alarm at all', { alarms: {} }, 'alarms: is empty: without an alarm nobody is told'],
    ['no world', 7, 'world: must be an object, not 7'],
  ])('%s', (_, change, words) => {
    const input = typeof change === 'number' ? change : { ...inputOf('broker-queue-backlog'), ...change }
    expect(mistakesIn(input).join('\n')).toContain(words)
  })
})

describe('docs/drill.md', () => {
  const docs = readFileSync(new URL('../../docs/drill.md', import.meta.url), 'utf8')

  test('shows a world that is right, and that ends well', async () => {
    const input = JSON.parse(/```json\n([^`]*)```/.exec(docs)![1]!) as WorldInput
    const { report } = await rehearse({ ...input, tocsin: { slack: { channel: 'drill' }, ...input.tocsin } })
    expect(report).toMatchObject({ runs: [{ status: 'succeeded' }], messages: { lost: 0, doubled: 0 } })
    expect(report.secondsToHealthy).toBeLessThan(180)
  })

  test('names every key and every value that a world may have', () => {
    const missing = [...words(worldSchema())].filter((word) => !docs.includes(word))
    expect(missing).toEqual([])
  })
})

/** Keys of objects, and the entries of lists of values. */
function* words(schema: unknown): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') yield* Object.keys(value as object)
    if (key === 'enum' || key === 'const') yield* [value].flat().map(String)
    yield* words(value)
  }
}
