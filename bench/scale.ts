// What does one hub carry? Many incidents open at once that flap for an hour; and what an alarm costs beside them, or in a large config.
import { checkConfig, type ConfigInput } from '../lambda/config.ts'
import type { Config } from '../lambda/core/services/config.ts'
import type { Table } from '../lambda/ports/table.ts'
import { pack, type Index } from '../lambda/store/pack.ts'
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
const WARM_UPS = 4
const ROUNDS = 21

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
      await take({ played, batch: BATCH }, first)
      const { index } = await readIndex(played.table)
      if (index.places.size !== incidents)
        throw new Error(`${index.places.size} incidents are open instead of ${incidents}`)
      return { played, services: incidents, alarms: 250, batch: BATCH, packs: packingAgain(index) }
    }),
  )
  const took = await inTurn(hubs)
  return counts.map((incidents, n) => ({ incidents, ...took[n]! }))
}

/** Packs an index of which as many rows have changed as a batch has alarms. Returns how long that took, in ms. */
function packingAgain(index: Index): () => number {
  let { places, names } = index
  let change = 1_000_000
  return () => {
    const rows = [...places.values()]
    const from = (change * BATCH) % rows.length
    places = places.with(rows.slice(from, from + BATCH).map((place) => ({ ...place, change })))
    change++
    const began = performance.now()
    names = pack({ ...index, places, names }).names
    return performance.now() - began
  }
}

/** In a tree of services, each of which depends on one other. */
async function among(counts: readonly number[]): Promise<ScaleFigures['declared']> {
  const hubs = counts.map((services): Hub => {
    const config = configOf(services, (n) => (n === 0 ? [] : [(n - 1) >> 1]))
    return { played: world(config, START + 60_000), services: 10, alarms: 250, batch: 1 }
  })
  const took = await inTurn(hubs)
  return counts.map((services, n) => ({ services, cpuMs: took[n]!.cpuMs }))
}

/** In each round, so many new alarms of its first `services` services. */
interface Hub {
  played: World
  services: number
  alarms: number
  batch: number
  /** Done after each batch, and timed apart. In ms. */
  packs?: () => number
}

interface Took {
  /** Processor time, in ms an alarm. */
  cpuMs: number
  packingMs: number
}

/** The median of several rounds, after some that only warm up. In each they take turns, so that a slow moment strikes all of them. */
async function inTurn(hubs: readonly Hub[]): Promise<Took[]> {
  const all: Took[][] = hubs.map(() => [])
  for (const round of numbers(WARM_UPS + ROUNDS))
    for (const [n, hub] of hubs.entries()) {
      const { alarms, services } = hub
      const took = await take(
        hub,
        numbers(alarms).map((of) => ({ service: of % services, host: 1 + round * alarms + of })),
      )
      if (round >= WARM_UPS) all[n]!.push(took)
    }
  const middle = (of: readonly Took[], which: keyof Took): number => median(of.map((took) => took[which]))
  return all.map((of) => ({ cpuMs: middle(of, 'cpuMs'), packingMs: middle(of, 'packingMs') }))
}

async function take(
  { played, batch, packs }: Pick<Hub, 'played' | 'batch' | 'packs'>,
  alarms: readonly { service: number; host: number }[],
): Promise<Took> {
  const messages = alarms.map(({ service, host }, n) => ({
    id: String(n),
    body: JSON.stringify(alarmEvent(nameOf(service), 'ALARM', START + n, `${nameOf(service)}/latency/${host}`)),
  }))
  let [cpu, packing] = [0, 0]
  for (let i = 0; i < messages.length; i += batch) {
    const before = process.cpuUsage()
    await played.deliver(messages.slice(i, i + batch))
    const { user, system } = process.cpuUsage(before)
    cpu += (user + system) / 1000
    packing += packs?.() ?? 0
  }
  return { cpuMs: cpu / alarms.length, packingMs: packing / alarms.length }
}
