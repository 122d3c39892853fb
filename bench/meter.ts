// Counts what AWS would put on the bill for an invocation: each port of the Runtime is wrapped, and each call takes its time on the virtual clock.
import { packed } from '../lambda/adapters/dynamodb.ts'
import { logLine, type Counts } from '../lambda/core/metrics.ts'
import type { Item as Row, Key, Runtime, Table } from '../lambda/ports.ts'
import type { Deployed, Stage } from './deployed.ts'
import { nothing, type Item, type Usage } from './prices.ts'

/**
 * Of a call, there and back. DynamoDB and SQS: "single-digit milliseconds"; Slack answers a post in a few tenths of a second. An optimist's figures
 * would change little: duration is a small part of every bill here.
 */
const LATENCY_MS = { table: 5, queue: 10, lambda: 20, secret: 20, slack: 300, cloudwatch: 30 }

/** On a whole processor. `npm run bench -- --only costs` measures both; rounded up for what an emulator has not: TLS, and a slower core. */
export const CPU_MS = { call: 1, message: 0.1 }

/** 1,769 MB are one whole processor. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const WHOLE_PROCESSOR_MB = 1769

/** Paid since August 2025. Environments that nobody uses are kept for minutes; how many is not documented. */
const COLD_START_MS = 300
const KEPT_WARM_MS = 300_000

/** The lines that Lambda adds to a log in JSON: platform.start and platform.report. With an initialisation, two more. */
const PLATFORM_BYTES = { invocation: 650, coldStart: 450 }

/** Lambda's own, for what nobody upstream decided: the first in a second, and five of each further hundred. */
const SAMPLED = 0.05

export interface Invocation {
  runtime: Runtime
  /** Uses the processor; what comes after waits. */
  think(ms: number): void
}

export interface Meter {
  usage: Usage
  count(item: Item, of?: number): void
  /** One invocation, from its cold start to its last log line. Its ports are those of `outside`. */
  invoke<T>(stage: Stage, outside: Runtime, work: (invocation: Invocation) => Promise<T>): Promise<T>
}

export function meter(memoryMb: Deployed['memoryMb'], stack = 'Tocsin'): Meter {
  const usage = nothing()
  const sizes = new Map<string, number>()
  const lastUsed = new Map<Stage, number>()
  const traced = new Set<string>()
  const measured = new Set<string>()
  const count: Meter['count'] = (item, of = 1) => void (usage[item] += of)

  /** True for a new environment. */
  function begin(stage: Stage, now: number): boolean {
    const second = `${stage}@${Math.floor(now / 1000)}`
    count('trace', traced.has(second) ? SAMPLED : 1)
    traced.add(second)
    count('invocation')
    return now - (lastUsed.get(stage) ?? -Infinity) > KEPT_WARM_MS
  }

  function logged(now: number, line: string, counts: Counts): void {
    count('logGb', Buffer.byteLength(line) / 1e9)
    for (const [metric, value] of Object.entries(counts)) {
      const hour = `${metric}@${Math.floor(now / 3_600_000)}`
      if (value === 0 || measured.has(hour)) continue
      measured.add(hour)
      count('metricHour')
    }
  }

  return {
    usage,
    count,
    async invoke(stage, outside, work) {
      const { clock } = outside
      const began = clock.now()
      const isCold = begin(stage, began)
      let busyUntil = began + (isCold ? COLD_START_MS : 0)
      const think = (ms: number): void => {
        busyUntil = Math.max(busyUntil, clock.now()) + (ms * WHOLE_PROCESSOR_MB) / memoryMb[stage]
      }
      const call = async (latencyMs: number): Promise<void> => {
        think(CPU_MS.call)
        await clock.sleep(Math.ceil(busyUntil + latencyMs - clock.now()))
      }
      if (isCold && (stage === 'notify' || stage === 'respond')) {
        count('secretCall')
        await call(LATENCY_MS.secret)
      }
      const runtime: Runtime = {
        ...outside,
        table: meteredTable(outside.table, sizes, count, () => call(LATENCY_MS.table)),
        clock: { now: clock.now, sleep: clock.sleep },
        notices: {
          async changed() {
            count('fifo')
            await call(LATENCY_MS.queue)
            await outside.notices.changed()
          },
        },
        deadLetters: {
          async keep(body, reason) {
            count('standard')
            await call(LATENCY_MS.queue)
            await outside.deadLetters.keep(body, reason)
          },
        },
        timers: {
          async wake(incident, at) {
            await call(LATENCY_MS.lambda)
            await outside.timers.wake(incident, at)
          },
        },
        runs: { start: () => Promise.reject(new Error('no runbook is part of this count')) },
        chat: {
          post: (...message) => call(LATENCY_MS.slack).then(() => outside.chat.post(...message)),
          update: (...message) => call(LATENCY_MS.slack).then(() => outside.chat.update(...message)),
          find: (...message) => call(LATENCY_MS.slack).then(() => outside.chat.find(...message)),
        },
        ...(outside.probe && { probe: () => call(LATENCY_MS.slack).then(outside.probe) }),
        dialogs: {
          whisper: (...message) => call(LATENCY_MS.slack).then(() => outside.dialogs.whisper(...message)),
          open: (...message) => call(LATENCY_MS.slack).then(() => outside.dialogs.open(...message)),
        },
        log(level, message, facts, counts = {}) {
          const now = clock.now()
          logged(now, logLine({ level, message, now, stack }, facts, counts), counts)
        },
      }
      const result = await work({ runtime, think })
      await clock.sleep(Math.max(0, Math.ceil(busyUntil - clock.now())))
      const ended = clock.now()
      lastUsed.set(stage, ended)
      count('gbSecond', (((ended - began) / 1000) * memoryMb[stage]) / 1024)
      count('logGb', (PLATFORM_BYTES.invocation + (isCold ? PLATFORM_BYTES.coldStart : 0)) / 1e9)
      return result
    },
  }
}

/** Units as the documentation has them. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
function meteredTable(
  table: Table,
  sizes: Map<string, number>,
  count: Meter['count'],
  call: () => Promise<void>,
): Table {
  const place = ({ pk, sk }: Key): string => `${pk}\u0000${sk}`
  const read = (bytes: number): void => count('read', Math.max(1, Math.ceil(bytes / 4096)))
  const readOne = (key: Key): void => read(sizes.get(place(key)) ?? 0)
  /** Also where the condition fails; the larger of what is there and what comes. */
  const write = async (item: Row, put: () => Promise<unknown>): Promise<void> => {
    const [before, bytes] = [sizes.get(place(item)) ?? 0, bytesOf(item)]
    count('write', Math.max(1, Math.ceil(Math.max(before, bytes) / 1024)))
    if ((await put()) !== false) sizes.set(place(item), bytes)
  }
  return {
    async get(key) {
      await call()
      readOne(key)
      return table.get(key)
    },
    async getMany(keys) {
      await call()
      keys.forEach(readOne)
      return table.getMany(keys)
    },
    async replace(item, expected) {
      await call()
      let done = false
      await write(item, async () => (done = await table.replace(item, expected)))
      return done
    },
    async advance(item) {
      await call()
      await write(item, () => table.advance(item))
    },
    async list(pk, prefix) {
      await call()
      const found = await table.list(pk, prefix)
      read(found.reduce((bytes, item) => bytes + (sizes.get(place(item)) ?? 0), 0))
      return found
    },
  }
}

/** Names and values; a number takes a byte for each two digits, and one. */
function bytesOf({ pk, sk, rev, body, expires }: Row): number {
  const { S, B } = packed(body)
  const text = S === undefined ? B!.length : Buffer.byteLength(S)
  const number = (value: number): number => Math.ceil(String(value).length / 2) + 1
  const names = 'pkskrevbody'.length + (expires === undefined ? 0 : 'expires'.length + number(expires))
  return names + Buffer.byteLength(pk) + Buffer.byteLength(sk) + number(rev) + text
}
