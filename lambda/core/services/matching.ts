// Which service does an alarm belong to? The one that Tocsin made it for, else the first matcher that fits, else a service whose id is in its
// dimensions or its name, else one that nobody has declared: the resource in its dimensions, or the alarm itself.
import type { Change } from '../incident/alarm.ts'
import { ownerFinder } from '../facts/alarm-name.ts'
import { DEFAULT_STACK } from '../facts/stack-name.ts'
import type { Config, Matcher } from './config.ts'
import { resourceIn } from './undeclared.ts'

export type Facts = Pick<Change, 'name' | 'namespace' | 'metric' | 'dimensions' | 'account' | 'alarmAccount' | 'region'>

/** Whether an alarm of that account may belong to a service by its name alone. */
export type Trust = (account: string | undefined) => boolean

export const EVERYBODY: Trust = () => true

/** What is said of the place of a service that nobody has declared: nothing if that is where Tocsin itself is. */
export type PlaceOf = (alarm: Pick<Facts, 'account' | 'region'>) => string | undefined

/** Finds an alarm's service. Indexes the config's matchers, so that hundreds of services cost only a few lookups. */
export function serviceFinder(
  services: Config['services'],
  trusts: Trust = EVERYBODY,
  placeOf: PlaceOf = () => undefined,
  stack = DEFAULT_STACK,
): (alarm: Facts) => string {
  const rules = Object.entries(services).flatMap(([id, service]) => service.alarms.map((matcher) => ({ id, matcher })))
  const indexed = new Map<string, number[]>()
  const others: number[] = []
  const tests = rules.map(({ matcher }, place) => {
    const exact = Object.entries(matcher.dimensions ?? {}).find(([, value]) => !isGlob(value))
    const key = exact && dimensionKey(exact[0], exact[1])
    if (key === undefined) others.push(place)
    else indexed.set(key, [...(indexed.get(key) ?? []), place])
    return testFor(matcher)
  })

  const isNamed = nameFinder(Object.keys(services))
  const ownerOf = ownerFinder(Object.keys(services), stack)

  return (alarm) => {
    const isTrusted = trusts(sender(alarm))
    const owner = isTrusted ? ownerOf(alarm.name) : undefined
    if (owner !== undefined) return owner
    let best = Infinity
    const consider = (place: number): void => {
      if (place < best && tests[place]!(alarm)) best = place
    }
    if (indexed.size > 0)
      for (const name in alarm.dimensions) indexed.get(dimensionKey(name, alarm.dimensions[name]!))?.forEach(consider)
    for (const place of others) consider(place)
    const id = rules[best]?.id
    if (id !== undefined) return id
    return isTrusted ? (named(alarm, isNamed) ?? undeclared(alarm, isNamed, placeOf)) : stranger(alarm, isNamed)
  }
}

/** The account that the alarm itself is of. */
export const sender = ({ account, alarmAccount }: Pick<Facts, 'account' | 'alarmAccount'>): string | undefined =>
  alarmAccount ?? account

/** Under no name that a service of the config could have. */
const stranger = (alarm: Facts, isDeclared: (name: string) => boolean): string =>
  `${sender(alarm)}/${undeclared(alarm, isDeclared, ({ region }) => region)}`

/** Never one of the config's: those have their say in matchers and ids. */
function undeclared(alarm: Facts, isDeclared: (name: string) => boolean, placeOf: PlaceOf): string {
  const resource = resourceIn(alarm)
  if (!resource) return alarm.name
  const id = isDeclared(resource.id) ? alarm.dimensions![resource.dimension]! : resource.id
  const place = placeOf(alarm)
  return place === undefined ? id : `${id} (${place})`
}

/** Why an alarm belongs to the service that `serviceFinder` finds. */
export function reasonFor(
  alarm: Facts,
  services: Config['services'],
  trusts: Trust = EVERYBODY,
  stack = DEFAULT_STACK,
): string {
  const ids = Object.keys(services)
  const isTrusted = trusts(sender(alarm))
  if (isTrusted && ownerFinder(ids, stack)(alarm.name) !== undefined) return 'Tocsin made the alarm for it'
  for (const { alarms } of Object.values(services))
    for (const [place, matcher] of alarms.entries())
      if (testFor(matcher)(alarm)) {
        const which = alarms.length > 1 ? `alarms[${place}]` : 'alarms'
        return `its matcher fits, ${which}: ${JSON.stringify(matcher)}`
      }
  if (!isTrusted)
    return `no matcher fits, and ${sender(alarm)} is not one of accounts, whose alarms may belong to a service by name: it is one of its own`
  const isNamed = nameFinder(ids)
  const dimension = Object.entries(alarm.dimensions ?? {}).find(([, value]) => isNamed(value))
  if (dimension) return `no matcher fits, and the dimension ${dimension.join('=')} is its id`
  if (named(alarm, isNamed) !== undefined) return 'no matcher fits, and its id is in the name'
  const resource = resourceIn(alarm)
  return `no matcher fits, and no dimension or part of the name is the id of a service: it is one of its own, called ${resource ? `by its dimension ${resource.dimension}` : 'as its alarm'}`
}

function named(alarm: Facts, isService: (name: string) => boolean): string | undefined {
  for (const name in alarm.dimensions) if (isService(alarm.dimensions[name]!)) return alarm.dimensions[name]
  return isService(alarm.name) ? alarm.name : alarm.name.split('/').find(isService)
}

/** Most values are not a service's id, and most of those do not even have the length of one: that is checked first, because it is cheap. */
function nameFinder(ids: readonly string[]): (name: string) => boolean {
  const known = new Set(ids)
  const lengths: boolean[] = []
  for (const { length } of ids) lengths[length] = true
  return (name) => lengths[name.length] === true && known.has(name)
}

const dimensionKey = (name: string, value: string): string => `${name}\u0000${value}`

const isGlob = (pattern: string): boolean => /[*?]/.test(pattern)

/** Whether a matcher fits an alarm. */
export function testFor(matcher: Matcher): (alarm: Facts) => boolean {
  const parts: ((alarm: Facts) => boolean)[] = []
  for (const field of ['name', 'namespace', 'metric', 'account', 'region'] as const) {
    const pattern = matcher[field]
    if (pattern === undefined) continue
    const fits = glob(pattern)
    parts.push((alarm) => alarm[field] !== undefined && fits(alarm[field]))
  }
  for (const [dimension, pattern] of Object.entries(matcher.dimensions ?? {})) {
    const fits = glob(pattern)
    parts.push((alarm) => alarm.dimensions?.[dimension] !== undefined && fits(alarm.dimensions[dimension]))
  }
  return (alarm) => parts.every((part) => part(alarm))
}

/** `*` matches any text (even none, even slashes), `?` one character, everything else itself. Never slower than pattern times text. */
export function glob(pattern: string): (text: string) => boolean {
  if (!isGlob(pattern)) return (text) => text === pattern
  const wanted = [...pattern]
  return (text) => fits(wanted, [...text])
}

/** Greedy; on a mismatch, the last `*` takes one more character. A regular expression would try all of its stars against each other. */
function fits(pattern: readonly string[], text: readonly string[]): boolean {
  let [p, t] = [0, 0]
  let [star, taken] = [-1, 0]
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++
      taken = t
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++taken
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
