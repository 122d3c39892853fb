// The index as it is stored: however it changed from commit to commit, what is read again is what was meant.
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { idOf } from '../../lambda/core/incident/board.ts'
import { Rows } from '../../lambda/core/incident/rows.ts'
import { newNames, pack, unpack, type Index, type Place } from '../../lambda/store/pack.ts'

const place = (number: number, change: number, services: readonly string[]): Place => ({
  id: idOf(number),
  status: 'open',
  severity: 'major',
  firstAt: 1000 * number,
  lastAt: 1000 * number + change,
  firing: 1,
  change,
  news: 1,
  isHeld: false,
  filed: 2,
  runs: 0,
  places: ['#ops'],
  lineCalls: [],
  services: Object.fromEntries(services.map((service) => [service, true])),
})

const step = fc.record({
  rows: fc.uniqueArray(
    fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(9), fc.subarray(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])),
    { selector: ([number]) => number, maxLength: 25 },
  ),
  gone: fc.array(fc.integer({ min: 1, max: 60 }).map(idOf), { maxLength: 30 }),
})

test('each commit', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      let index: Index = { places: Rows.of<Place>([]), rest: { nextId: 61 }, flight: [], rules: '', names: newNames() }
      for (const { rows, gone } of steps) {
        const changed = rows.map(([number, change, services]) => place(number, change, services))
        const places = index.places.with(changed, gone)
        const { body, names } = pack({ ...index, places })
        expect([...unpack(body).places.values()]).toEqual([...places.values()])
        index = { ...index, places, names }
      }
    }),
  )
})
