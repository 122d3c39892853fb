// Counts what AWS would bill for each invocation of a function: from its cold start to the last line of its log.
import { logLine, type Counts } from '../../lambda/core/watchdog/metrics.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import type { Deployed, Stage } from './deployed.ts'
import { LATENCY_MS, meteredPorts, meteredTable, type Counter } from './metered.ts'
import type { Table } from '../../lambda/ports/table.ts'
import { nothing, type Item, type Usage } from './prices.ts'

/** On a whole processor; `npm run bench -- --only costs` measures the call. Rounded up for what an emulator lacks: TLS, and a slower core. */
export const CPU_MS = { call: 1, message: 0.1 }

/** 1,769 MB are one whole processor. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const WHOLE_PROCESSOR_MB = 1769

/** Start and first call, as `node bench/memory.ts` measures them on a whole processor. Billed since August 2025. */
const COLD_CPU_MS: Record<Stage, number> = { intake: 215, notify: 265, respond: 160, escalate: 125, watchdog: 205 }
/** Idle environments are kept for minutes; how many is not documented. */
const KEPT_WARM_MS = 300_000

/** Each new process of these reads Slack's secret. */
const READ_THE_SECRET: readonly Stage[] = ['notify', 'respond']

/** The JSON log lines that Lambda itself adds, at their documented length: platform.start, platform.report; and those of a cold start. */
const PLATFORM_BYTES = { invocation: 650, coldStart: 450 }

/** X-Ray records the first in each second, and five of each further hundred. https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html */
const SAMPLED = 0.05

export interface Invocation {
  runtime: Runtime
  /** Uses the processor; whatever follows waits. */
  think(ms: number): void
}

export interface Meter {
  usage: Usage
  count(item: Item, of?: number): void
  /** One invocation, on the ports of `outside`. */
  invoke<T>(stage: Stage, outside: Runtime, work: (invocation: Invocation) => Promise<T>): Promise<T>
}

/** A process that Lambda keeps for the next invocation: whatever remembers something by its table remembers it in there. */
interface Environment {
  table: Table
  calls(latencyMs: number): Promise<void>
}

function environmentOf(table: Table, counter: Pick<Counter, 'count' | 'sizes'>): Environment {
  const environment: Environment = {
    table: meteredTable(table, { ...counter, call: (latencyMs) => environment.calls(latencyMs) }),
    calls: () => Promise.reject(new Error('called outside an invocation')),
  }
  return environment
}

export function meter(memoryMb: Deployed['memoryMb'], stack = 'Tocsin'): Meter {
  const usage = nothing()
  const sizes = new Map<string, number>()
  const lastUsed = new Map<Stage, number>()
  const seen = new Set<string>()
  const idle = new Map<Stage, Environment[]>()
  const count: Meter['count'] = (item, of = 1) => void (usage[item] += of)
  const isFirst = (of: string, within: number): boolean => seen.size < seen.add(`${of}@${within}`).size

  const log = (line: string, counts: Counts, now: number): void => {
    count('logGb', Buffer.byteLength(line) / 1e9)
    for (const [metric, value] of Object.entries(counts))
      if (value !== 0 && isFirst(metric, Math.floor(now / 3_600_000))) count('metricHour')
  }

  const invoke: Meter['invoke'] = async (stage, outside, work) => {
    const { clock } = outside
    const began = clock.now()
    const isCold = began - (lastUsed.get(stage) ?? -Infinity) > KEPT_WARM_MS
    let busyUntil = began
    const think = (ms: number): void => {
      busyUntil = Math.max(busyUntil, clock.now()) + (ms * WHOLE_PROCESSOR_MB) / memoryMb[stage]
    }
    if (isCold) think(COLD_CPU_MS[stage])
    const call = async (latencyMs: number): Promise<void> => {
      think(CPU_MS.call)
      await clock.sleep(Math.ceil(busyUntil + latencyMs - clock.now()))
    }
    if (isCold && READ_THE_SECRET.includes(stage)) {
      count('secretCall')
      await call(LATENCY_MS.secret)
    }
    const environment = idle.get(stage)?.pop() ?? environmentOf(outside.table, { count, sizes })
    environment.calls = call
    const runtime: Runtime = {
      ...meteredPorts(outside, { count, call }),
      table: environment.table,
      log: (level, message, facts, counts = {}) => {
        const now = clock.now()
        log(logLine({ level, message, now, stack }, facts, counts), counts, now)
      },
    }
    const result = await work({ runtime, think })
    await clock.sleep(Math.max(0, Math.ceil(busyUntil - clock.now())))
    lastUsed.set(stage, clock.now())
    idle.set(stage, [...(idle.get(stage) ?? []), environment])
    count('invocation')
    count('trace', isFirst(stage, Math.floor(began / 1000)) ? 1 : SAMPLED)
    count('gbSecond', (((clock.now() - began) / 1000) * memoryMb[stage]) / 1024)
    count('logGb', (PLATFORM_BYTES.invocation + (isCold ? PLATFORM_BYTES.coldStart : 0)) / 1e9)
    return result
  }
  return { usage, count, invoke }
}
