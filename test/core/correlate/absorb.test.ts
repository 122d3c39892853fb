// What one incident keeps of another that it absorbs, field by field.
import { absorb, areApart, elder } from '../../../lambda/core/correlate/merge.ts'
import type { Board } from '../../../lambda/core/incident/board.ts'
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import type { Incident } from '../../../lambda/core/incident/incident.ts'
import type { Run } from '../../../lambda/core/incident/run.ts'
import { alarm, ANA, BEN, minutes, playAtOnce, rulesFor, T0 } from '../incidents.ts'

const rules = rulesFor({ cart: {}, stock: {} })
const NOW = T0 + minutes(30)

/** Two that have nothing to do with each other; INC-0001 is the cart's. */
function two(into: Partial<Incident> = {}, from: Partial<Incident> = {}): Board {
  const { board } = playAtOnce(rules, [alarm('cart', 0), alarm('stock', 1)])
  const { 'INC-0001': cart, 'INC-0002': stock } = board.incidents
  return { ...board, incidents: { 'INC-0001': { ...cart!, ...into }, 'INC-0002': { ...stock!, ...from } } }
}

function absorbed(into: Partial<Incident> = {}, from: Partial<Incident> = {}) {
  const draft = draftOf(two(into, from), rules, NOW)
  draft.hear('INC-0002', 'stock', T0 + minutes(1))
  absorb(draft, { into: 'INC-0001', from: 'INC-0002', at: NOW, why: 'both are slow' })
  return { draft, target: draft.get('INC-0001'), source: draft.get('INC-0002') }
}

test('its services, alarms and times', () => {
  const { target, draft } = absorbed({ firstAt: T0 + 5, lastAt: T0 + 6 }, { firstAt: T0 + 1, lastAt: T0 + 9 })
  expect(Object.keys(target.services)).toEqual(['cart', 'stock'])
  expect(target).toMatchObject({ firing: 2, firstAt: T0 + 1, lastAt: T0 + 9 })
  expect([draft.merged, [...draft.grown]]).toEqual([true, ['INC-0001']])
  expect(draft.heard('INC-0001')).toEqual([{ service: 'stock', at: T0 + minutes(1) }])
  expect(absorbed({ firstAt: T0 + 1, lastAt: T0 + 9 }, { firstAt: T0 + 5, lastAt: T0 + 6 }).target).toMatchObject({
    firstAt: T0 + 1,
    lastAt: T0 + 9,
  })
})

test('the same signal of the same service, counted together', () => {
  const tally = (changes: object) => ({
    latency: { firing: 1, total: 2, from: T0 + 5, excess: 2, lead: 'a', ...changes },
  })
  const { target, draft } = absorbed(
    { services: { cart: tally({}) } },
    { services: { cart: tally({ from: T0, excess: 4, lead: 'b' }) } },
  )
  expect(target.services).toEqual({ cart: tally({ firing: 2, total: 4, from: T0, excess: 4, lead: 'b' }) })
  expect(draft.get('INC-0002').services).toEqual({ cart: tally({ from: T0, excess: 4, lead: 'b' }) })
})

test.each(['quietSince', 'refiredAt', 'steadyAt'] as const)('the later %s of both', (key) => {
  expect(absorbed({ [key]: T0 + 1 }, { [key]: T0 + 2 }).target[key]).toBe(T0 + 2)
  expect(absorbed({ [key]: T0 + 2 }, { [key]: T0 + 1 }).target[key]).toBe(T0 + 2)
  expect(absorbed({ [key]: T0 + 2 }).target[key]).toBe(T0 + 2)
  expect(absorbed({}, { [key]: T0 + 2 }).target[key]).toBe(T0 + 2)
  expect(absorbed().target).not.toHaveProperty(key)
})

test('the worse severity', () => {
  expect(absorbed({ severity: 'minor' }, { severity: 'critical' }).target.severity).toBe('critical')
  expect(absorbed({ severity: 'major' }, { severity: 'minor' }).target.severity).toBe('major')
})

test('what flaps, and what people said is not related', () => {
  const flaps = (name: string, until: number) => ({ [name]: { name, until } })
  const { target } = absorbed(
    { flapping: flaps('a', 1), unrelated: { x: 'INC-0007' } },
    { flapping: { ...flaps('a', 9), ...flaps('b', 2) }, unrelated: { x: 'INC-0008', y: 'INC-0009' } },
  )
  expect(target.flapping).toEqual({ ...flaps('a', 1), ...flaps('b', 2) })
  expect(target.unrelated).toEqual({ x: 'INC-0007', y: 'INC-0009' })
  expect(absorbed({ flapping: flaps('a', 1), unrelated: { x: 'INC-0007' } }).target).toMatchObject({
    flapping: flaps('a', 1),
    unrelated: { x: 'INC-0007' },
  })
  const plain = absorbed().target
  expect(plain).not.toHaveProperty('flapping')
  expect(plain).not.toHaveProperty('unrelated')
})

describe('what became of both', () => {
  const over = (at: number): Partial<Incident> => ({ status: 'resolved', resolved: { at } })

  test('of two that are over, the later end', () => {
    expect(absorbed(over(T0 + 5), over(T0 + 9)).target).toMatchObject({ status: 'resolved', resolved: { at: T0 + 9 } })
    expect(absorbed(over(T0 + 9), over(T0 + 5)).target).toMatchObject({ status: 'resolved', resolved: { at: T0 + 9 } })
  })

  test('one that goes on opens one that is over', () => {
    const { target } = absorbed(over(T0 + 5))
    expect(target.status).toBe('open')
    expect(target.resolved).toBeUndefined()
    expect(target.timeline.map(({ text }) => text)).toContain('Reopened: INC-0002 is part of it')
  })

  test('one that is over leaves one that goes on as it is', () => {
    const { target } = absorbed({}, over(T0 + 5))
    expect([target.status, target.resolved]).toEqual(['open', undefined])
  })

  test('one that people know of raises one that is held', () => {
    const { target } = absorbed({ status: 'held', heldUntil: T0 + 9 })
    expect([target.status, target.heldUntil]).toEqual(['open', undefined])
    expect(absorbed({}, { status: 'held', heldUntil: T0 + 9 }).target).not.toHaveProperty('heldUntil')
  })

  test('of two that are held, the earlier end of the hold', () => {
    const held = (heldUntil: number): Partial<Incident> => ({ status: 'held', heldUntil })
    expect(absorbed(held(T0 + 9), held(T0 + 5)).target).toMatchObject({ status: 'held', heldUntil: T0 + 5 })
    expect(absorbed(held(T0 + 5), held(T0 + 9)).target).toMatchObject({ status: 'held', heldUntil: T0 + 5 })
  })

  test('whoever is on one of them is on both; the elder goes before', () => {
    const by = (person: typeof ANA): Partial<Incident> => ({
      status: 'acknowledged',
      acknowledged: { by: person, at: T0 },
    })
    expect(absorbed({}, by(ANA)).target).toMatchObject({ status: 'acknowledged', acknowledged: { by: ANA } })
    expect(absorbed(by(BEN), by(ANA)).target.acknowledged!.by).toEqual(BEN)
    expect(absorbed().target).toMatchObject({ status: 'open' })
    // Nobody can be on what is over.
    expect(absorbed(over(T0 + 5), { ...over(T0 + 9), acknowledged: { by: ANA, at: T0 } }).target).not.toHaveProperty(
      'acknowledged',
    )
  })

  test('its runs go along', () => {
    const run = (id: string): Run => ({ id, status: 'failed' }) as Run
    const { target, source } = absorbed({ runs: [run('INC-0001-1')] }, { runs: [run('INC-0002-1')] })
    expect(target.runs!.map(({ id }) => id)).toEqual(['INC-0001-1', 'INC-0002-1'])
    expect(source).not.toHaveProperty('runs')
    expect(absorbed({}, { runs: [run('INC-0002-1')] }).target.runs!.map(({ id }) => id)).toEqual(['INC-0002-1'])
    expect(absorbed().target).not.toHaveProperty('runs')
  })

  test('the younger says where it went, and the elder what came', () => {
    const { target, source } = absorbed()
    expect(source).toMatchObject({ status: 'merged', mergedInto: 'INC-0001' })
    expect(source.timeline.at(-1)).toEqual({ at: NOW, kind: 'merged', text: 'Merged into INC-0001: both are slow' })
    expect(target.timeline.at(-1)).toEqual({
      at: NOW,
      kind: 'merged',
      text: 'INC-0002 was merged into this one: both are slow',
    })
  })
})

test('the elder is the one whose first alarm is older; of two alike, the one with the lower number', () => {
  const { 'INC-0001': a, 'INC-0002': b } = two({ firstAt: T0 }, { firstAt: T0 + 1 }).incidents
  expect([elder(a!, b!), elder(b!, a!)]).toEqual([true, false])
  const later = { ...a!, firstAt: T0 + 1 }
  expect([elder(later, b!), elder(b!, later)]).toEqual([true, false])
  expect(elder({ ...a!, firstAt: T0 + 2 }, b!)).toBe(false)
})

describe('two that a person took apart', () => {
  const apart = (into: Partial<Incident>, from: Partial<Incident> = {}): boolean => {
    const { 'INC-0001': a, 'INC-0002': b } = two(into, from).incidents
    expect(areApart(b!, a!)).toBe(areApart(a!, b!))
    return areApart(a!, b!)
  }

  test('stay apart', () => {
    expect(apart({ unrelated: { pay: 'INC-0002' } })).toBe(true)
    expect(apart({ unrelated: { stock: 'INC-0009' } })).toBe(true)
    expect(apart({}, { unrelated: { cart: 'INC-0009' } })).toBe(true)
  })

  test('others do not', () => {
    expect(apart({})).toBe(false)
    expect(apart({ unrelated: { pay: 'INC-0009' } }, { unrelated: { pay: 'INC-0009' } })).toBe(false)
  })
})

describe('where it is told', () => {
  test('the home of the elder, and every place of the younger', () => {
    const { target } = absorbed({ places: ['#a', '#b'], team: 'a' }, { places: ['#c', '#b'], team: 'c' })
    expect(target).toMatchObject({ places: ['#a', '#b', '#c'], team: 'a' })
  })

  test('the home of the younger, if nobody has heard of the elder', () => {
    expect(absorbed({ places: [] }, { places: ['#c'], team: 'c' }).target).toMatchObject({
      places: ['#c'],
      team: 'c',
      causeAt: NOW,
    })
    expect(absorbed({ places: ['#a'] }, { places: ['#c'], team: 'c' }).target).not.toHaveProperty('causeAt')
    expect(absorbed({ places: [] }, { places: ['#ops'] }).target).not.toHaveProperty('team')
  })

  test('who was called for the elder is not called again; for the younger, nobody knows whether it was told', () => {
    const calls = [{ team: 'a', place: '#a', entry: 4 }]
    expect(absorbed({}, { calls }).target).not.toHaveProperty('calls')
    expect(absorbed({ calls }, {}).target.calls).toEqual(calls)
  })

  test('channels that refuse', () => {
    const { target } = absorbed({ refusing: { '#a': 'gone' } }, { refusing: { '#a': 'archived', '#b': 'archived' } })
    expect(target.refusing).toEqual({ '#a': 'gone', '#b': 'archived' })
  })
})
