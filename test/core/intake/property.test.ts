// Whatever comes in is read as one of three things, and damage to anything but an alarm's name and state loses no alarm.
import fc from 'fast-check'
import { readBody, type Reading } from '../../../lambda/core/intake/envelopes.ts'
import { envelope, event, FORMS, lambdaAction, lambdaRecord, NAME, notification, RECEIVED } from './messages.ts'

const RUNS = { numRuns: 10_000 }
type Path = (string | number)[]

/** What a message must keep to be recognized as its alarm: these, and what contains them. */
const KEPT = new Set([
  'alarmName',
  'AlarmName',
  'NewStateValue',
  'detail.state.value',
  'alarmData.state.value',
  'source',
  'detail-type',
  'Type',
  'Message',
])

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const below = Object.entries(value).flatMap(([key, entry]) =>
    pathsOf(entry, [...path, Array.isArray(value) ? Number(key) : key]),
  )
  return path.length > 0 ? [path, ...below] : below
}

const isKept = (path: Path): boolean =>
  KEPT.has(String(path.at(-1))) || KEPT.has(path.filter((part) => typeof part === 'string').join('.'))

/** Paths that can be damaged: none that is kept, and none that contains one that is kept. */
function damageable(message: unknown): Path[] {
  const all = pathsOf(message)
  const kept = all.filter(isKept)
  const holds = (path: Path, inner: Path): boolean => path.every((part, place) => inner[place] === part)
  return all.filter((path) => !kept.some((inner) => holds(path, inner)))
}

const DROP = Symbol('drop')
const damage: fc.Arbitrary<unknown> = fc.oneof(fc.constant(DROP), fc.jsonValue(), fc.string(), fc.double())

function damaged(message: unknown, path: Path, by: unknown): unknown {
  const copy = structuredClone(message) as Record<string, unknown>
  let place = copy
  for (const part of path.slice(0, -1)) {
    const next = place[part]
    if (typeof next !== 'object' || next === null) return copy
    place = next as Record<string, unknown>
  }
  const last = path.at(-1)!
  if (by === DROP) delete place[last]
  else place[last] = by
  return copy
}

const damages = (paths: Path[]): fc.Arbitrary<[Path, unknown][]> =>
  fc.array(fc.tuple(fc.constantFrom(...paths), damage), { minLength: 1, maxLength: 6 })

const apply = (message: unknown, all: [Path, unknown][]): unknown =>
  all.reduce((now, [path, by]) => damaged(now, path, by), message)

const STATES: readonly string[] = ['ALARM', 'OK', 'INSUFFICIENT_DATA']

/** What is wrong with a reading; plain checks, because tens of thousands of `expect` calls take half a minute. */
function wrongWith(reading: Reading): string[] {
  if (reading.is === 'ignored' || reading.is === 'unreadable') return /\S/.test(reading.reason) ? [] : ['no reason']
  const { key, name, state, at, stamp, value, threshold, dimensions, quietUntil, side, ...others } = reading.change
  const { computed, scales, sumsUp, related = [], ...texts } = others
  const checks: Record<string, boolean> = {
    is: reading.is === 'alarm',
    key: /^[\w-]{16}$/.test(key),
    name: typeof name === 'string' && name !== '',
    state: STATES.includes(state),
    at: at > 1e12 && at <= RECEIVED + 60_000,
    numbers: [value, threshold, quietUntil, stamp].every((number) => number === undefined || Number.isFinite(number)),
    side: side === undefined || ['above', 'below', 'outside'].includes(side),
    dimensions: Object.values(dimensions ?? {}).every((text) => typeof text === 'string'),
    flags: [computed, scales, sumsUp].every((flag) => flag === undefined || flag === true),
    related: related.every((one) => /^[\w-]{16}$/.test(one.key) && one.name !== ''),
    texts: Object.values(texts).every((text) => text === undefined || (typeof text === 'string' && text !== '')),
  }
  return Object.keys(checks).filter((check) => !checks[check])
}

function expectOneOfThree(reading: Reading): void {
  if (wrongWith(reading).length > 0) expect(reading).toBe(wrongWith(reading).join())
}

const readJson = (message: unknown): Reading => readBody(JSON.stringify(message), RECEIVED)

test('any JSON is one of three', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => expectOneOfThree(readJson(value))),
    RUNS,
  )
})

test('any text is one of three', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => expectOneOfThree(readBody(text, RECEIVED))),
    RUNS,
  )
})

test('any JSON in the fields of a message is one of three', () => {
  const field = fc.constantFrom(
    'detail',
    'detail-type',
    'alarmData',
    'Message',
    'Records',
    'AlarmName',
    'Trigger',
    'Type',
  )
  fc.assert(
    fc.property(fc.dictionary(field, fc.jsonValue()), (message) => expectOneOfThree(readJson(message))),
    RUNS,
  )
})

describe('a damaged message is one of three', () => {
  test.each(Object.entries(FORMS))('%s', (_, message) => {
    fc.assert(
      fc.property(damages(pathsOf(message)), (all) => expectOneOfThree(readJson(apply(message, all)))),
      { numRuns: 2_000 },
    )
  })
})

test('a message that was cut off is one of three', () => {
  const cutOff = fc
    .constantFrom(...Object.values(FORMS).map((message) => JSON.stringify(message)))
    .chain((text) => fc.tuple(fc.constant(text), fc.nat(text.length), fc.nat(text.length)))
  fc.assert(
    fc.property(cutOff, ([text, from, to]) =>
      expectOneOfThree(readBody(text.slice(Math.min(from, to)).slice(0, to), RECEIVED)),
    ),
    RUNS,
  )
})

describe('damage beside name and state loses no alarm', () => {
  const inside: Record<string, [unknown, (message: Record<string, unknown>) => unknown]> = {
    'an EventBridge event': [event(), (message) => message],
    'SNS raw delivery': [notification(), (message) => message],
    'a Lambda alarm action': [lambdaAction(), (message) => message],
    'a notification in an SNS envelope': [notification(), (message) => envelope(message)],
    'an event in an SNS envelope': [event(), (message) => envelope(message)],
    'a notification in an SNS record of Lambda': [notification(), lambdaRecord],
    'the envelope itself': [envelope(event()), (message) => message],
  }
  test.each(Object.entries(inside))('%s', (_, [message, wrap]) => {
    fc.assert(
      fc.property(damages(damageable(message)), (all) => {
        const reading = readJson(wrap(apply(message, all) as Record<string, unknown>))
        expectOneOfThree(reading)
        return reading.is === 'alarm' && reading.change.state === 'ALARM' && reading.change.name === NAME
      }),
      { numRuns: 3_000 },
    )
  })
})
