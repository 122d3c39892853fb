// An AMQP message to JSON and back: its body, properties and headers must survive the way through a file unchanged.
import type { GetMessage, Message, Options } from 'amqplib'
import type { BrokerMessage } from '../../ports/broker.ts'

/** The message as it was delivered. */
export const fromAmqp = ({ content, fields, properties }: Message | GetMessage): BrokerMessage => ({
  body: content.toString('base64'),
  properties: Object.fromEntries(
    Object.entries(properties)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, toJson(value)]),
  ),
  exchange: fields.exchange,
  routingKey: fields.routingKey,
  redelivered: fields.redelivered,
})

/** Headers that say where it was first sent, and by whom. */
export const ORIGIN_HEADERS = {
  exchange: 'x-tocsin-exchange',
  routingKey: 'x-tocsin-routing-key',
  userId: 'x-tocsin-user-id',
  cc: 'x-tocsin-cc',
} as const

/**
 * The message as it is resent, to the queue itself. The broker would refuse another user's `userId`, and would send copies to every queue in
 * `CC`, which already had theirs: both become headers, as does the route it came by. A queue's own counters are left out.
 */
export function toAmqp({ body, properties, exchange, routingKey }: BrokerMessage): {
  content: Buffer
  options: Options.Publish
} {
  const { headers, userId, clusterId: _, ...rest } = fromJson(properties) as Record<string, unknown>
  const { CC, 'x-delivery-count': __, 'x-acquired-count': ___, ...kept } = whole(headers)
  const origin: [string, unknown][] = [
    [ORIGIN_HEADERS.exchange, exchange],
    [ORIGIN_HEADERS.routingKey, routingKey],
    [ORIGIN_HEADERS.userId, userId],
    [ORIGIN_HEADERS.cc, CC],
  ]
  const added = origin.filter(([name, value]) => value !== undefined && !Object.hasOwn(kept, name))
  return {
    content: Buffer.from(body, 'base64'),
    options: { ...rest, headers: { ...kept, ...Object.fromEntries(added) } },
  }
}

/** Includes inherited keys: see `table`. At the top level, amqplib takes every key as it is. */
function whole(headers: unknown): Record<string, unknown> {
  const all: [string, unknown][] = []
  for (const name in headers as Record<string, unknown>) all.push([name, (headers as Record<string, unknown>)[name]])
  return Object.fromEntries(all)
}

const TAG = '$'

/** What JSON cannot hold becomes an object with one tagged key; tables that have such keys themselves become lists of pairs. */
function toJson(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return { $bytes: value.toString('base64') }
  if (typeof value === 'bigint') return { $integer: String(value) }
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: numberText(value) }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  const pairs = Object.entries(value).map(([key, entry]) => [key, toJson(entry)] as const)
  return pairs.some(([key]) => key.startsWith(TAG)) ? { $table: pairs } : Object.fromEntries(pairs)
}

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

function fromJson(value: unknown): unknown {
  if (typeof value === 'number') return number(value)
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value !== 'object' || value === null) return value
  const pairs = Object.entries(value)
  const [tag, held] = pairs[0] ?? []
  if (tag === '$bytes') return Buffer.from(held as string, 'base64')
  if (tag === '$integer') return BigInt(held as string)
  if (tag === '$number') return number(Number(held))
  if (tag === '$table') return table((held as [string, unknown][]).map(([key, entry]) => [key, fromJson(entry)]))
  return table(pairs.map(([key, entry]) => [key, fromJson(entry)]))
}

/** Some of these amqplib takes for 64-bit integers, and fails or loses the sign: fractions beyond 2^50, for one. */
const number = (value: number): unknown =>
  !Number.isInteger(value) || value < -(2 ** 63) || Object.is(value, -0) ? { '!': 'double', value } : value

/** amqplib takes an object with its own key `!` for a typed value. A table that happens to have that key inherits it, and is sent as a table. */
function table(pairs: [string, unknown][]): object {
  const made = Object.fromEntries(pairs)
  if (!Object.hasOwn(made, '!') || isTyped(made)) return made
  const { '!': mark, ...rest } = made
  return Object.assign(Object.create({ '!': mark }) as object, rest)
}

/** The form in which amqplib returns timestamps and decimals. */
const isTyped = (made: Record<string, unknown>): boolean =>
  (made['!'] === 'timestamp' && typeof made['value'] === 'number') ||
  (made['!'] === 'decimal' && typeof made['value'] === 'object' && made['value'] !== null)
