// The rows of the index: whatever was changed before, they are what a plain map would be, and so is what an older one says.
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { idOf } from '../../../lambda/core/incident/board.ts'
import { Rows, type Row } from '../../../lambda/core/incident/rows.ts'

const SERVICES = ['a', 'b', 'c', 'd']

const rowOf = (number: number, services: readonly string[]): Row => ({
  id: idOf(number),
  status: 'open',
  severity: 'minor',
  firstAt: 0,
  lastAt: 0,
  firing: 1,
  change: 1,
  services: Object.fromEntries(services.map((service) => [service, true])),
})

const row = fc
  .tuple(fc.integer({ min: 1, max: 12_000 }), fc.subarray(SERVICES))
  .map(([number, services]) => rowOf(number, services))
const few = fc
  .tuple(fc.integer({ min: 1, max: 30 }), fc.subarray(SERVICES))
  .map(([number, services]) => rowOf(number, services))
const step = fc.record({
  rows: fc.uniqueArray(fc.oneof(row, few), { selector: ({ id }) => id, maxLength: 8 }),
  gone: fc.array(fc.integer({ min: 1, max: 30 }).map(idOf), { maxLength: 30 }),
})

function expectSame(rows: Rows, known: ReadonlyMap<string, Row>, services: readonly string[]): void {
  const inOrder = [...known.values()].sort((a, b) => Number(a.id.slice(4)) - Number(b.id.slice(4)))
  expect([...rows.values()]).toEqual(inOrder)
  expect(rows.size).toBe(known.size)
  for (const { id } of inOrder) expect(rows.get(id)).toBe(known.get(id))
  const wanted = inOrder.filter((one) => services.some((service) => Object.hasOwn(one.services, service)))
  const found = new Set(rows.naming(new Set(services)).map(({ id }) => id))
  expect([...found].sort()).toEqual(wanted.map(({ id }) => id).sort())
}

test('change by change, and any of those before', () => {
  fc.assert(
    fc.property(fc.array(row), fc.array(step, { maxLength: 40 }), fc.subarray(SERVICES), (first, steps, services) => {
      const known = new Map(first.map((one) => [one.id, one]))
      const all: [Rows, Map<string, Row>][] = [[Rows.of(known.values()), known]]
      for (const { rows, gone } of steps) {
        const [before, map] = all.at(-1)!
        const next = new Map(map)
        for (const id of gone) next.delete(id)
        for (const one of rows) next.set(one.id, one)
        all.push([before.with(rows, gone), next])
      }
      for (const [rows, map] of all) expectSame(rows, map, services)
    }),
  )
})

test('an id that is written otherwise is another one', () => {
  const rows = Rows.of([rowOf(7, ['a'])])
  expect([rows.has('INC-0007'), rows.has('INC-7'), rows.has('INC-07'), rows.has('toString')]).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('ten thousand that come and go leave nothing behind', () => {
  let rows = Rows.of([rowOf(1, ['a'])])
  for (let n = 2; n < 10_000; n++) rows = rows.with([rowOf(n, ['a', `service-${n}`])], n > 2 ? [idOf(n - 1)] : [])
  const { members } = rows as unknown as { members: { of: Map<string, Set<string>> } }
  expect(rows.naming(new Set(['a'])).map(({ id }) => id)).toEqual([idOf(1), idOf(9999)])
  expect([members.of.size, members.of.get('a')!.size].every((size) => size < 100)).toBe(true)
})
