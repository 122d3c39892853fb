// Messages to a file and back: nothing may change, whatever types a client put into the headers. amqplib's own codec is the judge.
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import type { Message } from 'amqplib'
import fc from 'fast-check'
import { fromAmqp, ORIGIN_HEADERS, toAmqp } from '../../../lambda/adapters/rabbitmq/message.ts'
import type { BrokerMessage } from '../../../lambda/ports/broker.ts'

interface Codec {
  encodeTable(buffer: Buffer, table: object, offset: number): number
  decodeFields(slice: Buffer): Record<string, unknown>
}

// Not exported by the package: imported by path.
const codec = createRequire(import.meta.url)(
  resolve(import.meta.dirname, '../../../node_modules/amqplib/lib/codec.js'),
) as Codec

/** What a table that came over the wire looks like. */
function overTheWire(table: object): Record<string, unknown> {
  const buffer = Buffer.alloc(1_000_000)
  const length = codec.encodeTable(buffer, table, 0)
  return codec.decodeFields(buffer.subarray(4, length))
}

const throughFile = (message: BrokerMessage): BrokerMessage => JSON.parse(JSON.stringify(message)) as BrokerMessage

const arrived = (headers: object | undefined, more: Record<string, unknown> = {}): Message =>
  ({
    content: Buffer.from([0, 255, 10, 13]),
    fields: { deliveryTag: 1, redelivered: true, exchange: 'jobs', routingKey: 'campaign.eu' },
    properties: { headers, contentType: undefined, ...more },
  }) as unknown as Message

const withoutOrigin = (headers: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !Object.values(ORIGIN_HEADERS).includes(name as never)))

const key = fc
  .oneof(fc.constantFrom('!', '$', '$bytes', '$table', 'value', 'CC-ish', 'ü'), fc.string({ maxLength: 20 }))
  .filter((name) => name !== '__proto__' && Buffer.byteLength(name) < 200)

/** What amqplib yields. */
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.string(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc
      .oneof(
        fc.double(),
        fc.constantFrom(0, -0, 2 ** 50 + 0.5, -(2 ** 51) - 0.5, 2 ** 62, -(2 ** 63), 1.5e300, -1.5e300),
      )
      .map((double) => ({ '!': 'double', value: double })),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    fc.nat().map((seconds) => ({ '!': 'timestamp', value: seconds })),
    fc
      .record({ places: fc.nat(255), digits: fc.nat(4_000_000) })
      .map((decimal) => ({ '!': 'decimal', value: decimal })),
    fc.array(tie('any'), { maxLength: 4 }),
    // Happens to have this first key: a table like any other.
    fc.dictionary(
      key.filter((name) => name !== '!'),
      tie('any'),
      { maxKeys: 4 },
    ),
  ),
})).any

const RESERVED = new Set(['CC', 'x-delivery-count', 'x-acquired-count'])
const headers = fc
  .dictionary(
    key.filter((name) => !RESERVED.has(name)),
    value,
    { maxKeys: 5 },
  )
  .map((table) => Object.fromEntries(Object.entries(table)))

test('headers of every type come back the same', () => {
  fc.assert(
    fc.property(headers, (given) => {
      const first = overTheWire(given)
      const sent = toAmqp(throughFile(fromAmqp(arrived(first))))
      expect(withoutOrigin(overTheWire(sent.options.headers as object))).toEqual(first)
    }),
    { numRuns: 500 },
  )
})

test('a table that has the key of a typed value by chance is still a table', () => {
  const inherits = Object.assign(Object.create({ '!': 'x' }) as object, { value: 1 })
  const first = overTheWire({ nested: inherits })
  expect(first).toEqual({ nested: { '!': 'x', value: 1 } })
  const sent = toAmqp(throughFile(fromAmqp(arrived(first))))
  expect(overTheWire(sent.options.headers as object)['nested']).toEqual({ '!': 'x', value: 1 })
})

test('properties and any body come back the same', () => {
  const properties = fc.record(
    {
      contentType: fc.string(),
      contentEncoding: fc.string(),
      deliveryMode: fc.constantFrom(1, 2),
      priority: fc.nat(255),
      correlationId: fc.string(),
      replyTo: fc.string(),
      expiration: fc.nat().map(String),
      messageId: fc.string(),
      timestamp: fc.maxSafeNat(),
      type: fc.string(),
      appId: fc.string(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(properties, fc.uint8Array(), (given, bytes) => {
      const message = { ...arrived({}, given), content: Buffer.from(bytes) }
      const { content, options } = toAmqp(throughFile(fromAmqp(message)))
      const { headers: _, ...rest } = options as Record<string, unknown>
      expect(rest).toEqual(given)
      expect(content.equals(Buffer.from(bytes))).toBe(true)
    }),
  )
})

describe('a message that is sent again', () => {
  const again = (table: object, more: Record<string, unknown> = {}) =>
    toAmqp(throughFile(fromAmqp(arrived(table, more)))).options

  test('says where it came from', () => {
    expect(again({ a: 1 }).headers).toEqual({
      a: 1,
      'x-tocsin-exchange': 'jobs',
      'x-tocsin-routing-key': 'campaign.eu',
    })
  })

  test('keeps what it said the first time it was sent again', () => {
    expect(again({ 'x-tocsin-exchange': 'first' }).headers).toMatchObject({ 'x-tocsin-exchange': 'first' })
  })

  test('is not copied to the queues that had their copy', () => {
    const sent = again({ CC: ['audit'] }).headers as object
    expect(sent).toMatchObject({ 'x-tocsin-cc': ['audit'] })
    expect(sent).not.toHaveProperty('CC')
  })

  test('does not claim to come from a user that we are not', () => {
    const options = again({}, { userId: 'studio' })
    expect(options).not.toHaveProperty('userId')
    expect(options.headers).toMatchObject({ 'x-tocsin-user-id': 'studio' })
  })

  test('begins to count anew', () => {
    expect(again({ 'x-delivery-count': 3, 'x-acquired-count': 2 }).headers).toEqual({
      'x-tocsin-exchange': 'jobs',
      'x-tocsin-routing-key': 'campaign.eu',
    })
  })
})
