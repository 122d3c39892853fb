// The list of what has not landed: of each commit, what is left of it.
import { describe, expect, test } from '@jest/globals'
import { narrowed, stillFlying, textOf, type Flight, type Items } from '../../lambda/store/flight.ts'
import { nameOfPart, type Part } from '../../lambda/store/parts.ts'

const change = (key: string): Flight['changes'][number] => [key, 1, 'ALARM', 'INC-0001']
const part = (of: string): Part => ({ of, sk: 'INCIDENT', edits: [['firing', 2]] })
const [one, other] = [part('INC-0001'), part('INC-0002')]
const full: Flight = { rev: 7, at: 1000, changes: [change('a'), change('b')], parts: [one, other] }
const unpaired: Flight = { rev: 7, at: 1000, changes: [change('a')] }

describe('narrowed', () => {
  test.each<[string, Flight, Flight['changes'], Part[] | undefined, Partial<Flight> | undefined]>([
    ['to nothing is gone', full, [], [], undefined],
    ['to one change', full, [full.changes[0]!], [one, other], { changes: [full.changes[0]!], parts: [one, other] }],
    ['to no change', full, [], [one, other], { changes: [], parts: [one, other] }],
    ['to one part', full, full.changes, [other], { changes: full.changes, parts: [other] }],
    ['to no part', full, full.changes, undefined, { changes: full.changes }],
  ])('%s', (_, from, changes, parts, expected) => {
    expect(narrowed(from, changes, parts)).toEqual(expected ? [{ rev: 7, at: 1000, ...expected }] : [])
  })

  test.each([
    ['with parts', full],
    ['without', unpaired],
  ])('to all of it is the same one, %s: it is not written down again', (_, from) => {
    expect(narrowed(from, [...from.changes], from.parts && [...from.parts])[0]).toBe(from)
  })
})

test('what has landed is not on the list any more', () => {
  const landed = { pk: 'INCIDENT#INC-0001', sk: 'INCIDENT', rev: 7, value: {} }
  const items: Items = new Map([[nameOfPart(one), landed]])
  expect(stillFlying([full, unpaired], items)).toEqual([{ ...full, parts: [other] }, unpaired])
})

test('what is written down can be read again', () => {
  expect([full, full, unpaired].map((flight) => JSON.parse(textOf(flight)) as Flight)).toEqual([full, full, unpaired])
})
