// Several processes on one table, each with a memory of its own. They overtake each other and die before and after calls: the incidents are those
// that one calm process makes, and the index says of each what its items say.
// `TOCSIN_RUNS=1000 npm run jest -- test/property/processes.test.ts` tries a thousand nights.
import { expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import type { Change } from '../../lambda/core/incident/alarm.ts'
import type { Incident } from '../../lambda/core/incident/incident.ts'
import { load, readBoard } from '../../lambda/store/board.ts'
import type { Table } from '../../lambda/ports/table.ts'
import { memoryTable, type MemoryTable } from '../../replay/memory.ts'
import { alarm, minutes, recovery, rulesFor, T0 } from '../core/incidents.ts'
import { fresh, processOn } from '../store/processes.ts'

const RUNS = Number(process.env['TOCSIN_RUNS'] ?? 60)
jest.setTimeout(Math.max(60_000, RUNS * 1000))

const SERVICES = ['a', 'b', 'c', 'd', 'x', 'y'] as const
const rules = rulesFor(
  {
    a: {},
    b: {},
    c: { dependsOn: ['a', 'b'] },
    d: { dependsOn: ['c'], target: { ecs: { cluster: 'shop', service: 'd' } } },
    x: {},
    y: { dependsOn: ['x'] },
  },
  {
    runbooks: [{ runbook: 'rolling-restart', when: { service: 'd' }, mode: 'suggest', with: {} }],
    escalation: [{ afterSeconds: 60, notify: ['U0FIRST'] }],
    correlation: { flap: { changes: 4, withinSeconds: 600 } },
  },
)

const STEP_MS = minutes(0.4)

/** What changes at each moment; an alarm fires and recovers in turn. */
type Night = { service: number; metric: number }[][]

const nights = fc.array(
  fc.uniqueArray(fc.record({ service: fc.nat(SERVICES.length - 1), metric: fc.nat(1) }), {
    maxLength: 4,
    selector: ({ service, metric }) => service * 2 + metric,
  }),
  { minLength: 5, maxLength: 40 },
)

function changesOf(night: Night): Change[][] {
  const firing = new Set<string>()
  return night.map((moment, step) =>
    moment.map(({ service, metric }) => {
      const [name, of] = [SERVICES[service]!, ['latency', 'errors'][metric]!]
      const key = `${name} ${of}`
      const change = (firing.has(key) ? recovery : alarm)(name, (step * STEP_MS) / 60_000, { metric: of })
      if (!firing.delete(key)) firing.add(key)
      return change
    }),
  )
}

/** 0 ≤ x < 1, from a seed (Numerical Recipes' constants). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

class Died extends Error {}

const DIES = 0.08

/** Each call takes its time, and one in twelve is the last of its process. */
function mortal(table: MemoryTable, random: () => number): MemoryTable {
  const pause = async (): Promise<void> => {
    for (let left = Math.floor(random() * 5); left > 0; left--) await new Promise(setImmediate)
  }
  const wrapped =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>, writes: boolean) =>
    async (...args: Args): Promise<T> => {
      await pause()
      if (writes && random() < DIES / 2) throw new Died()
      const result = await call(...args)
      if (writes && random() < DIES / 2) throw new Died()
      await pause()
      return result
    }
  const calls: Table = {
    get: wrapped(table.get, false),
    getMany: wrapped(table.getMany, false),
    list: wrapped(table.list, false),
    scan: wrapped(table.scan, false),
    replace: wrapped(table.replace, true),
    advance: wrapped(table.advance, true),
    remove: wrapped(table.remove, true),
  }
  return { ...table, ...calls }
}

async function calm(moments: readonly Change[][]): Promise<MemoryTable> {
  const table = memoryTable()
  const process = processOn(table, rules)
  for (const [step, changes] of moments.entries()) {
    for (const change of changes) await process.take(T0 + step * STEP_MS, change)
    await process.visit(T0 + step * STEP_MS)
  }
  return table
}

async function wild(moments: readonly Change[][], seed: number): Promise<MemoryTable> {
  const table = memoryTable()
  const random = randomOf(seed)
  const processes = Array.from({ length: 3 }, () => processOn(mortal(table, random), rules))
  for (const [step, changes] of moments.entries()) {
    const now = T0 + step * STEP_MS
    const work: (readonly Change[])[] = [...changes.map((change) => [change]), []]
    const worker = async (place: number): Promise<void> => {
      for (let next = work.shift(); next; next = work.shift()) {
        try {
          await (next.length > 0 ? processes[place]!.take(now, ...next) : processes[place]!.visit(now))
        } catch (error) {
          if (!(error instanceof Died)) throw error
          work.push(next)
          // Often another process comes; sometimes the same one tries again.
          if (random() < 0.5) processes[place] = processOn(mortal(table, random), rules)
        }
      }
    }
    // Two invocations at once in the first process.
    await Promise.all([0, 0, 1, 2].map(worker))
  }
  return table
}

async function endOf(table: MemoryTable, steps: number): Promise<Incident[]> {
  await processOn(fresh(table), rules).visit(T0 + steps * STEP_MS + minutes(1))
  const { incidents } = await readBoard(fresh(table))
  return Object.values(incidents)
}

const outcome = (incidents: readonly Incident[]): string[] =>
  incidents
    .filter(({ status }) => status !== 'merged')
    .map(({ services, firing, firstAt, lastAt, severity, status }) => {
      const tallies = Object.entries(services).map(([service, member]) => [
        service,
        ...Object.entries(member)
          .map(([signal, { firing: now, total }]) => `${signal} ${now} of ${total}`)
          .sort(),
      ])
      return JSON.stringify([tallies.sort(), firing, firstAt, lastAt, severity, status])
    })
    .sort()

/** What the index says, and what the items say. */
async function rowsAndItems(table: MemoryTable, incidents: readonly Incident[]): Promise<[unknown[], unknown[]]> {
  const { places } = await load(fresh(table), [])
  const rows = [...places.values()].map(
    ({ id, status, severity, firstAt, lastAt, firing, filed, services, mergedInto }) => [
      [id, status, severity, firstAt, lastAt, firing, mergedInto],
      [filed, ...Object.keys(services).sort()],
    ],
  )
  const items = incidents.map(({ id, status, severity, firstAt, lastAt, firing, timeline, services, mergedInto }) => [
    [id, status, severity, firstAt, lastAt, firing, mergedInto],
    [timeline.length, ...Object.keys(services).sort()],
  ])
  return [rows, items]
}

test('processes that overtake each other and die end as one calm process does', async () => {
  await fc.assert(
    fc.asyncProperty(nights, fc.integer(), async (night, seed) => {
      const moments = changesOf(night)
      const [expected, table] = [await calm(moments), await wild(moments, seed)]
      const [was, is] = [await endOf(expected, night.length), await endOf(table, night.length)]
      expect(outcome(is)).toEqual(outcome(was))
      const [rows, items] = await rowsAndItems(table, is)
      expect(rows).toEqual(items)
      for (const { timeline } of is) {
        const entries = timeline.map(({ at, text }) => `${at} ${text}`)
        expect(new Set(entries).size).toBe(entries.length)
      }
    }),
    { numRuns: RUNS },
  )
})
