// No item outgrows DynamoDB's 400 KB, whatever the night brings.
import { packed } from '../../lambda/adapters/dynamodb.ts'
import type { ConfigInput } from '../../lambda/config.ts'
import { INTAKE } from '../../lambda/core/facts/queues.ts'
import type { Change } from '../../lambda/core/incident/alarm.ts'
import { readBoard } from '../../lambda/store/board.ts'
import type { Item } from '../../lambda/ports/table.ts'
import { memoryTable, type MemoryTable } from '../../replay/memory.ts'
import { processOn, type Process } from './processes.ts'
import { alarm, minutes, recovery, rulesFor, T0 } from '../core/incidents.ts'

const MOST_BYTES = 400 * 1024

interface Measured {
  table: MemoryTable
  /** The longest index and the largest item as it is stored, in bytes. */
  longest: { index: number; item: number }
}

function measured(): Measured {
  const longest = { index: 0, item: 0 }
  const inner = memoryTable()
  const note = ({ pk, body }: Item): void => {
    if (pk === 'INDEX') longest.index = Math.max(longest.index, Buffer.byteLength(body))
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

/** As many as intake takes at a time while the index is long. */
const { most: AT_ONCE } = INTAKE.window

async function takeAll({ take }: Process, now: number, changes: readonly Change[]): Promise<void> {
  for (let i = 0; i < changes.length; i += AT_ONCE) await take(now, ...changes.slice(i, i + AT_ONCE))
}

/** As long as CloudWatch lets a name be. */
const long = (n: number): string => `${n}-${'a-service-whose-name-goes-on-and-on-'.repeat(4)}`.slice(0, 128)
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

test('1,000 incidents of services that have nothing to do with each other, some with a long story', async () => {
  const names = numbers(1000).map((n) => `service-${n}`)
  const rules = rulesFor(Object.fromEntries(names.map((name) => [name, {}])))
  const { table, longest } = measured()
  const process = processOn(table, rules)
  const fired = names.map((name) => alarm(name, 0))
  await takeAll(process, T0, fired)
  for (const at of numbers(60).map((n) => T0 + n))
    await process.visit(at, {
      move(draft) {
        for (const id of ['INC-0001', 'INC-0500', 'INC-1000'])
          draft.note(id, { at, kind: 'acknowledged', text: 'an entry of a story that goes on and on' })
      },
    })
  const { incidents } = await readBoard(table)
  expect(Object.keys(incidents)).toHaveLength(1000)
  expect(incidents['INC-0500']!.timeline).toHaveLength(62)
  expect(longest.index).toBeLessThan(120_000)
  expect(longest.item).toBeLessThan(MOST_BYTES)
})

test('1,500 flapping alarms with long names', async () => {
  const flap = { correlation: { flap: { changes: 4, withinSeconds: 3600 } } }
  const rules = rulesFor({ shop: { alarms: [{ name: '*' }] } }, flap)
  const { table, longest } = measured()
  const process = processOn(table, rules)
  for (const at of numbers(5)) {
    const of = at % 2 === 0 ? alarm : recovery
    const changes = numbers(1500).map((n) => of('shop', at, { name: long(n) }))
    await takeAll(process, T0 + minutes(at), changes)
  }
  const [incident] = Object.values((await readBoard(table)).incidents)
  expect(Object.keys(incident!.flapping!)).toHaveLength(1500)
  expect(longest.index).toBeLessThan(350_000)
  expect(longest.item).toBeLessThan(MOST_BYTES)
})

test.each<[string, number, (name: string) => ConfigInput['services']]>([
  ['services that nobody declared', 1900, () => ({})],
  ['services that nobody declared, whose names are not English', 1000, () => ({})],
  ['more services of the config than an index can hold', 2500, (name) => ({ [name]: {} })],
])('%s: the index stays below 350 KB, and no alarm is lost', async (what, count, declared) => {
  const { table, longest } = measured()
  const names = numbers(count).map((n) =>
    what.includes('English') ? `${n}-${'警报'.repeat(62)}`.slice(0, 128) : long(n),
  )
  const rules = rulesFor(Object.assign({ shop: {} }, ...names.map(declared)) as ConfigInput['services'])
  const strangers = names.map((name) => alarm(name, 0, { name, dimensions: {} }))
  await takeAll(processOn(table, rules), T0, strangers)
  const incidents = Object.values((await readBoard(table)).incidents)
  expect(incidents.reduce((sum, { firing }) => sum + firing, 0)).toBe(count)
  expect(incidents.some(({ services }) => Object.hasOwn(services, 'other alarms'))).toBe(true)
  expect(longest.index).toBeGreaterThan(215_000)
  expect(longest.index).toBeLessThan(350_000)
})

test('above that, an alarm of a service that an incident names counts there', async () => {
  const names = numbers(2500).map(long)
  const table = memoryTable()
  const process = processOn(table, rulesFor(Object.fromEntries(names.map((name) => [name, {}]))))
  await takeAll(
    process,
    T0,
    names.map((name) => alarm(name, 0)),
  )
  await process.take(T0 + minutes(1), alarm(names[0]!, 1, { metric: 'errors' }))
  const { incidents } = await readBoard(table)
  expect(incidents['INC-0001']!.services[names[0]!]).toHaveProperty('errors')
})
