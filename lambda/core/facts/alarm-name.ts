// The names of the alarms that Tocsin makes: built here, and parsed here into the service, the signal and the unit.
import { hash } from 'node:crypto'
import { SIGNALS, type Signal } from './signals.ts'
import { DEFAULT_STACK, madeBy, prefixFor } from './stack-name.ts'

/** CloudWatch: 255 characters, none of them a control character. Bytes are counted, to be on the safe side. */
const LONGEST = 255
const LONGEST_SERVICE = 128

/** Begins with its signal and ends in the unit of its value, like `memory-used-percent`. */
export type What = `${Signal}-${string}`

export interface AlarmName {
  /** The name of the stack that makes it. @default Tocsin */
  stack?: string
  service: string
  /** The kind and its identifiers, like `['ec2', 'i-0abc', '/var']`. */
  resource: readonly string[]
  what: What
}

/** `tocsin/<service>/<resource>/<what>`: neither of the last two contains a slash, so the service may. */
export function alarmName({ stack = DEFAULT_STACK, service, resource, what }: AlarmName): string {
  const head = `${prefixFor('tocsin', stack)}${servicePart(service)}/`
  const named = resource.map(encoded).join(':')
  return `${head}${within(LONGEST - length(head) - length(what) - 1, named)}/${what}`
}

/** Finds the service that the Tocsin of that stack made an alarm for, by the alarm's name; undefined for every other alarm. */
export function ownerFinder(services: readonly string[], stack = DEFAULT_STACK): (name: string) => string | undefined {
  const byPart = new Map(services.map((service) => [servicePart(service), service]))
  return (name) => (madeBy(name) === stack ? byPart.get(split(name)?.service ?? '') : undefined)
}

/** The signal that Tocsin made an alarm for. */
export function signalInName(name: string): Signal | undefined {
  const first = split(name)?.what.split('-', 1)[0]
  return SIGNALS.find((signal) => signal === first)
}

const UNITS = ['percent', 'bytes', 'seconds', 'milliseconds', 'hours', 'count'] as const
export type NamedUnit = (typeof UNITS)[number]

/** The unit of a value of Tocsin's own alarms; metric math may have made it from a metric of another unit. */
export function unitInName(name: string): NamedUnit | undefined {
  const last = split(name)?.what.split('-').at(-1)
  return UNITS.find((unit) => unit === last)
}

/** Splits from the end, because only the service may contain slashes. */
function split(name: string): { service: string; what: string } | undefined {
  if (madeBy(name) === undefined) return undefined
  const start = name.indexOf('/') + 1
  const what = name.lastIndexOf('/')
  const resource = name.lastIndexOf('/', what - 1)
  return resource > start ? { service: name.slice(start, resource), what: name.slice(what + 1) } : undefined
}

/** A service's id as it is, or its hash if the id has characters that no alarm name can have, is too long, or looks like such a hash. */
function servicePart(service: string): string {
  const plain = service.isWellFormed() && !/\p{Cc}/u.test(service) && !/^#[0-9a-f]{16}$/.test(service)
  return plain && length(service) <= LONGEST_SERVICE ? service : `#${digest(service, 16)}`
}

/** A path reads as `|var|lib`; characters that would be ambiguous are encoded, like `%3A`. */
const encoded = (part: string): string =>
  part
    .toWellFormed()
    .replace(/[%:|\p{Cc}]/gu, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
    .replaceAll('/', '|')

/** Cuts a text that is too long, and adds a hash that keeps it apart from others with the same beginning. */
function within(bytes: number, text: string): string {
  if (length(text) <= bytes) return text
  const end = `~${digest(text, 8)}`
  let kept = ''
  for (const character of text) {
    if (length(kept + character) > bytes - end.length) break
    kept += character
  }
  return kept + end
}

const length = (text: string): number => Buffer.byteLength(text)
/** Hashes the JSON, because UTF-8 would make different lone surrogates the same. */
const digest = (text: string, digits: number): string => hash('sha256', JSON.stringify(text), 'hex').slice(0, digits)
