// The ports of the Runtime, wrapped: each call is counted as AWS counts it, and takes time.
import { packed } from '../../lambda/adapters/dynamodb.ts'
import type { Item as Row, Key, Table } from '../../lambda/ports/table.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import type { Item } from './prices.ts'

/**
 * Round trip of a call. DynamoDB and SQS: "single-digit milliseconds"; Slack answers a post in a few tenths of a second. Other figures would
 * change little: duration is a small part of every bill here.
 */
export const LATENCY_MS = { table: 5, queue: 10, lambda: 20, secret: 20, slack: 300 }

export interface Counter {
  count(item: Item, of?: number): void
  /** The time that a call takes, its processor time included. */
  call(latencyMs: number): Promise<void>
  /** Bytes of each item, by its key in the table. Shared by all users of the table. */
  sizes: Map<string, number>
}

export function meteredPorts(
  outside: Runtime,
  counter: Pick<Counter, 'count' | 'call'>,
): Omit<Runtime, 'log' | 'table'> {
  const { count, call } = counter
  const slow =
    <Args extends unknown[], Answer>(latencyMs: number, ask: (...args: Args) => Promise<Answer>, item?: Item) =>
    async (...args: Args): Promise<Answer> => {
      if (item) count(item)
      await call(latencyMs)
      return ask(...args)
    }
  const { notices, deadLetters, timers, chat, probe, dialogs } = outside
  return {
    ...outside,
    notices: { changed: slow(LATENCY_MS.queue, notices.changed, 'fifo') },
    deadLetters: { keep: slow(LATENCY_MS.queue, deadLetters.keep, 'standard') },
    timers: { wake: slow(LATENCY_MS.lambda, timers.wake), tell: slow(LATENCY_MS.lambda, timers.tell) },
    runs: { start: () => Promise.reject(new Error('no runbook is part of this count')) },
    chat: {
      post: slow(LATENCY_MS.slack, chat.post),
      update: slow(LATENCY_MS.slack, chat.update),
      find: slow(LATENCY_MS.slack, chat.find),
      resolve: slow(LATENCY_MS.slack, chat.resolve),
    },
    ...(probe && { probe: slow(LATENCY_MS.slack, probe) }),
    dialogs: { whisper: slow(LATENCY_MS.slack, dialogs.whisper), open: slow(LATENCY_MS.slack, dialogs.open) },
  }
}

/** Units as documented. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
export function meteredTable(table: Table, { count, call, sizes }: Counter): Table {
  const place = ({ pk, sk }: Key): string => `${pk}\u0000${sk}`
  const read = (bytes: number): void => count('read', Math.max(1, Math.ceil(bytes / 4096)))
  const readOne = (key: Key): void => read(sizes.get(place(key)) ?? 0)
  /** Billed even if the condition fails; the larger of the old and the new item counts. */
  const write = async (item: Row, put: () => Promise<unknown>): Promise<void> => {
    const [before, bytes] = [sizes.get(place(item)) ?? 0, bytesOf(item)]
    count('write', unitsOf(Math.max(before, bytes)))
    if ((await put()) !== false) sizes.set(place(item), bytes)
  }
  return {
    async get(key) {
      await call(LATENCY_MS.table)
      readOne(key)
      return table.get(key)
    },
    async getMany(keys) {
      await call(LATENCY_MS.table)
      keys.forEach(readOne)
      return table.getMany(keys)
    },
    async replace(item, expected) {
      await call(LATENCY_MS.table)
      let done = false
      await write(item, async () => (done = await table.replace(item, expected)))
      return done
    },
    async advance(item) {
      await call(LATENCY_MS.table)
      await write(item, () => table.advance(item))
    },
    async remove(key, expected) {
      await call(LATENCY_MS.table)
      count('write', unitsOf(sizes.get(place(key)) ?? 0))
      sizes.delete(place(key))
      return table.remove(key, expected)
    },
    async scan() {
      await call(LATENCY_MS.table)
      read([...sizes.values()].reduce((bytes, size) => bytes + size, 0))
      return table.scan()
    },
    async list(pk, prefix) {
      await call(LATENCY_MS.table)
      const found = await table.list(pk, prefix)
      read(found.reduce((bytes, item) => bytes + (sizes.get(place(item)) ?? 0), 0))
      return found
    },
  }
}

export const unitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024))

/** What DynamoDB counts as size: names and values; a number takes a byte for every two digits, plus one. */
export function bytesOf({ pk, sk, rev, body, expires }: Row): number {
  const { S, B } = packed(body)
  const text = S === undefined ? B!.length : Buffer.byteLength(S)
  const number = (value: number): number => Math.ceil(String(value).length / 2) + 1
  const names = 'pkskrevbody'.length + (expires === undefined ? 0 : 'expires'.length + number(expires))
  return names + Buffer.byteLength(pk) + Buffer.byteLength(sk) + number(rev) + text
}
