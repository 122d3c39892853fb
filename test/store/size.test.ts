// No item outgrows DynamoDB's 400 KB, whatever the night brings.
import { packed } from '../../lambda/adapters/dynamodb.ts'
import type { Change } from '../../lambda/core/incident/alarm.ts'
import type { Draft } from '../../lambda/core/incident/draft.ts'
import { correlate } from '../../lambda/core/correlate/correlate.ts'
import type { Rules } from '../../lambda/core/services/rules.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { throughDoor, type DoorSlice } from '../../lambda/store/door.ts'
import type { Item } from '../../lambda/ports/table.ts'
import { memoryTable, type MemoryTable } from '../../replay/memory.ts'
import { alarm, minutes, recovery, rulesFor, T0 } from '../core/incidents.ts'

const MOST_BYTES = 400 * 1024

interface Measured {
  table: MemoryTable
  /** The longest index, in characters, and the largest item as it is stored, in bytes. */
  longest: { index: number; item: number }
}

function measured(): Measured {
  const longest = { index: 0, item: 0 }
  const inner = memoryTable()
  const note = ({ pk, body }: Item): void => {
    if (pk === 'INDEX') longest.index = Math.max(longest.index, body.length)
    const { S, B } = packed(body)
    longest.item = Math.max(longest.item, B?.length ?? S!.length)
  }
  const table: MemoryTable = {
    ...inner,
    replace: (item, expected) => (note(item), inner.replace(item, expected)),
    advance: (item) => (note(item), inner.advance(item)),
  }
  return { table, longest }
}

interface Door {
  visit(move: (draft: Draft) => void, now: number): Promise<void>
  take(changes: readonly Change[], now: number): Promise<void>
}

function doorOf(table: MemoryTable, rules: Rules): Door {
  let time = T0
  const nothing = async (): Promise<void> => undefined
  const runtime: DoorSlice = {
    table,
    rules,
    clock: { now: () => time, sleep: nothing, sleepUpTo: nothing },
    notices: { changed: nothing },
    timers: { wake: nothing },
    runs: { start: nothing },
    log: () => undefined,
  }
  return {
    async visit(move, now) {
      time = now
      await throughDoor(runtime, { move })
    },
    async take(changes, now) {
      time = now
      for (let i = 0; i < changes.length; i += 10) {
        const batch = changes.slice(i, i + 10)
        const keys = batch.map(({ key }) => key)
        await throughDoor(runtime, { keys, move: (draft, alarms) => void correlate(draft, alarms, batch) })
      }
    },
  }
}

/** As long as CloudWatch lets a name be. */
const long = (n: number): string => `${n}-${'a-service-whose-name-goes-on-and-on-'.repeat(4)}`.slice(0, 128)
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

test('1,000 incidents of services that have nothing to do with each other, some with a long story', async () => {
  const names = numbers(1000).map((n) => `service-${n}`)
  const rules = rulesFor(Object.fromEntries(names.map((name) => [name, {}])))
  const { table, longest } = measured()
  const door = doorOf(table, rules)
  const fired = names.map((name) => alarm(name, 0))
  await door.take(fired, T0)
  for (const at of numbers(60).map((n) => T0 + n))
    await door.visit((draft) => {
      for (const id of ['INC-0001', 'INC-0500', 'INC-1000'])
        draft.note(id, { at, kind: 'acknowledged', text: 'an entry of a story that goes on and on' })
    }, at)
  const { incidents } = await readBoard(table)
  expect(Object.keys(incidents)).toHaveLength(1000)
  expect(incidents['INC-0500']!.timeline).toHaveLength(61)
  expect(longest.index).toBeLessThan(120_000)
  expect(longest.item).toBeLessThan(MOST_BYTES)
})

test('1,500 flapping alarms with long names', async () => {
  const flap = { correlation: { flap: { changes: 4, withinSeconds: 3600 } } }
  const rules = rulesFor({ shop: { alarms: [{ name: '*' }] } }, flap)
  const { table, longest } = measured()
  const door = doorOf(table, rules)
  for (const at of numbers(5)) {
    const of = at % 2 === 0 ? alarm : recovery
    const changes = numbers(1500).map((n) => of('shop', at, { name: long(n) }))
    await door.take(changes, T0 + minutes(at))
  }
  const [incident] = Object.values((await readBoard(table)).incidents)
  expect(Object.keys(incident!.flapping!)).toHaveLength(1500)
  expect(longest.index).toBeLessThan(350_000)
  expect(longest.item).toBeLessThan(MOST_BYTES)
})

test('1,900 alarms of services that nobody declared: the index stays below 350 KB, and none is lost', async () => {
  const { table, longest } = measured()
  const strangers = numbers(1900).map((n) => alarm(long(n), 0, { name: long(n), dimensions: {} }))
  await doorOf(table, rulesFor({ shop: {} })).take(strangers, T0)
  const incidents = Object.values((await readBoard(table)).incidents)
  expect(incidents.reduce((sum, { firing }) => sum + firing, 0)).toBe(1900)
  expect(incidents.some(({ services }) => Object.hasOwn(services, 'other alarms'))).toBe(true)
  expect(longest.index).toBeGreaterThan(300_000)
  expect(longest.index).toBeLessThan(350_000)
})
