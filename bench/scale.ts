// What does one hub carry? Many incidents open at once that flap for an hour; and what an alarm costs beside them, or in a large config.
import { checkConfig, type ConfigInput } from '../lambda/config.ts'
import type { Config } from '../lambda/core/services/config.ts'
import type { Table } from '../lambda/ports/table.ts'
import { pack } from '../lambda/store/pack.ts'
import { INDEX, readIndex } from '../lambda/store/read-index.ts'
import { replay } from '../replay/replay.ts'
import { world, type World } from '../replay/world.ts'
import { BATCH, median, type Options } from './measure.ts'
import { alarmEvent } from './storm.ts'

export interface ScaleFigures {
  flapping: {
    services: number
    changes: number
    /** Of the whole replay. */
    seconds: number
    cpuMsPerChange: number
    /** In bytes / 1024, at any moment, as it is before it is compressed. */
    largestIndexKilobytes: number
  }
  /** One alarm in a batch of ten while so many incidents are open. `packingMs`: of which goes into writing the index down. */
  open: { incidents: number; cpuMs: number; packingMs: number }[]
  /** One alarm alone in a config of so many services. */
  declared: { services: number; cpuMs: number }[]
}

const START = Date.UTC(2026, 0, 15, 3)
const WARM_UPS = 3
const ROUNDS = 9

export async function measure({ quick, progress }: Options): Promise<ScaleFigures> {
  const [services, times] = quick ? [200, 3] : [1000, 30]
  progress(`scale: ${services} services that flap ${times} times`)
  const flapping = await flap(services, times)
  progress('scale: 10, 100 and 1000 open incidents')
  const open = await besides([10, 100, 1000])
  progress('scale: a config of 10, 1000 and 10000 services')
  const declared = await among([10, 1000, 10_000])
  return { flapping, open, declared }
}

const nameOf = (n: number): string => `service-with-a-rather-long-name-${n}`
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

function configOf(services: number, dependsOn: (n: number) => number[] = () => []): Config {
  const entries = numbers(services).map((n) => [nameOf(n), { dependsOn: dependsOn(n).map(nameOf) }])
  return checkConfig({
    slack: { channel: '#incidents' },
    services: Object.fromEntries(entries) as ConfigInput['services'],
  })
}

/** Each service fires for a minute every two minutes; no two of them have anything to do with each other. */
async function flap(services: number, times: number): Promise<ScaleFigures['flapping']> {
  const messages = numbers(times * 2).flatMap((half) =>
    numbers(services).map((n) => {
      const at = START + half * 60_000 + Math.floor((n * 60_000) / services)
      return alarmEvent(nameOf(n), half % 2 === 0 ? 'ALARM' : 'OK', at)
    }),
  )
  const events = messages.map((message, place) => ({ line: place + 1, message }))
  let largest = 0
  const [began, before] = [performance.now(), process.cpuUsage()]
  let table: Table | undefined
  const { story } = await replay(configOf(services), events, [], (runtime) => {
    table ??= watched(runtime.table, (bytes) => (largest = Math.max(largest, bytes)))
    return { ...runtime, table }
  })
  const { user, system } = process.cpuUsage(before)
  const resolved = story.incidents.filter(({ status }) => status === 'resolved').length
  if (story.accepted !== events.length || story.incidents.length !== services || resolved !== services)
    throw new Error(
      `of ${events.length} changes ${story.accepted} were taken, ${story.incidents.length} incidents opened and ${resolved} resolved`,
    )
  return {
    services,
    changes: events.length,
    seconds: (performance.now() - began) / 1000,
    cpuMsPerChange: (user + system) / 1000 / events.length,
    largestIndexKilobytes: largest / 1024,
  }
}

/** `see`: each index that is written. */
const watched = (table: Table, see: (bytes: number) => void): Table => ({
  ...table,
  replace(item, expected) {
    if (item.pk === INDEX.pk) see(Buffer.byteLength(item.body))
    return table.replace(item, expected)
  },
})

/** New alarms of services that have an incident each. Only intake: what Slack is told has its own pace. */
async function besides(counts: readonly number[]): Promise<ScaleFigures['open']> {
  const hubs = await Promise.all(
    counts.map(async (incidents): Promise<Hub> => {
      const played = world(configOf(incidents), START + 60_000)
      const first = numbers(incidents).map((n) => ({ service: n, host: 0 }))
      await take(played, first, BATCH)
      return { played, services: incidents, alarms: 500, batch: BATCH }
    }),
  )
  const cpuMs = await inTurn(hubs)
  const figures: ScaleFigures['open'] = []
  for (const [n, { played, services: incidents }] of hubs.entries()) {
    const { index } = await readIndex(played.table)
    if (index.places.size !== incidents)
      throw new Error(`${index.places.size} incidents are open instead of ${incidents}`)
    figures.push({ incidents, cpuMs: cpuMs[n]!, packingMs: packing(index) })
  }
  return figures
}

function packing(index: Parameters<typeof pack>[0]): number {
  let { names } = pack(index)
  const took: number[] = []
  for (const run of numbers(200)) {
    const places = index.places.with(
      [...index.places.values()].slice(0, BATCH).map((place) => ({ ...place, change: run })),
    )
    const began = performance.now()
    names = pack({ ...index, places, names }).names
    took.push(performance.now() - began)
  }
  return median(took) / BATCH
}

/** In a tree of services, each of which depends on one other. */
async function among(counts: readonly number[]): Promise<ScaleFigures['declared']> {
  const hubs = counts.map((services): Hub => {
    const config = configOf(services, (n) => (n === 0 ? [] : [(n - 1) >> 1]))
    return { played: world(config, START + 60_000), services: 10, alarms: 250, batch: 1 }
  })
  const cpuMs = await inTurn(hubs)
  return counts.map((services, n) => ({ services, cpuMs: cpuMs[n]! }))
}

/** In each round, so many new alarms of its first `services` services. */
interface Hub {
  played: World
  services: number
  alarms: number
  batch: number
}

/** In ms an alarm: the median of several rounds, after some that only warm up. In each they take turns, so that a slow moment strikes all of them. */
async function inTurn(hubs: readonly Hub[]): Promise<number[]> {
  const cpu: number[][] = hubs.map(() => [])
  for (const round of numbers(WARM_UPS + ROUNDS))
    for (const [hub, { played, services, alarms, batch }] of hubs.entries()) {
      const fired = numbers(alarms).map((n) => ({ service: n % services, host: 1 + round * alarms + n }))
      const took = await take(played, fired, batch)
      if (round >= WARM_UPS) cpu[hub]!.push(took)
    }
  return cpu.map(median)
}

/** In ms of processor time an alarm. */
async function take(
  played: World,
  alarms: readonly { service: number; host: number }[],
  batch: number,
): Promise<number> {
  const messages = alarms.map(({ service, host }, n) => ({
    id: String(n),
    body: JSON.stringify(alarmEvent(nameOf(service), 'ALARM', START + n, `${nameOf(service)}/latency/${host}`)),
  }))
  const before = process.cpuUsage()
  for (let i = 0; i < messages.length; i += batch) await played.deliver(messages.slice(i, i + batch))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / alarms.length
}
