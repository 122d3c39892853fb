// Alarms of an RDS instance or an Aurora cluster.
import type { Target } from '../../lambda/core/services/config.ts'
import { hoursLeft, inGiB } from './formulas.ts'
import { FIVE_MINUTES, GIB, MIB, MINUTE, seriesOf, type ResourceRows, type Row, type Series } from './row.ts'
import { silent } from './silent.ts'

type Rds = NonNullable<Target['rds']>
type Of = ReturnType<typeof seriesOf>

const STORAGE = 'Extend the storage; look for logs, old replication slots and tables that nobody needs.'

export function rdsRows(rds: Rds): ResourceRows[] {
  const { instance, cluster } = rds
  const found: ResourceRows[] = []
  if (instance !== undefined) {
    const of = seriesOf('AWS/RDS', { DBInstanceIdentifier: instance })
    found.push({ resource: ['rds', instance], rows: [...instanceDisk(of, rds), ...common(of, rds), burst(of)] })
  }
  if (cluster !== undefined) {
    const of = seriesOf('AWS/RDS', { DBClusterIdentifier: cluster })
    found.push({ resource: ['aurora', cluster], rows: [...localDisk(of), ...common(of, rds)] })
  }
  return found
}

/** CloudWatch does not know how large the storage is, only how much of it is free. */
function instanceDisk(of: Of, { storageGiB }: Rds): Row[] {
  const free = of('FreeStorageSpace', 'Minimum')
  const level = { what: 'disk-free-bytes', measures: free, every: MINUTE, hold: [4, 5], silence: 'unknown' } as const
  const words = { means: 'The database has little storage left; without any it stops.', helps: STORAGE }
  return [
    storageGiB === undefined
      ? { ...level, ...words, under: 'diskFreeGiB', scaled: inGiB }
      : {
          ...level,
          ...words,
          under: 'diskUsedPercent',
          scaled: (used) => Math.round((1 - used / 100) * storageGiB * GIB),
        },
    fillsUp(free),
  ]
}

/** The volume of an Aurora cluster grows by itself; what fills up is the local disk for temporary files. */
function localDisk(of: Of): Row[] {
  const free = of('FreeLocalStorage', 'Minimum')
  return [
    {
      what: 'disk-free-bytes',
      measures: free,
      under: 'localDiskFreeGiB',
      scaled: inGiB,
      every: MINUTE,
      hold: [4, 5],
      silence: 'unknown',
      means: 'An instance of the cluster has little local disk left for temporary files; large queries will fail.',
      helps: 'Stop the query that sorts or builds an index on disk; a larger instance class has more.',
    },
    fillsUp(free),
  ]
}

const fillsUp = (free: Series): Row => ({
  what: 'disk-full-hours',
  measures: hoursLeft(free),
  under: 'diskFullHours',
  every: FIVE_MINUTES,
  hold: [3, 3],
  silence: 'unknown',
  means: 'At the pace of the last minutes the database has no storage left within hours, and stops then.',
  helps: STORAGE,
})

function common(of: Of, { maxConnections }: Rds): Row[] {
  const latency = (name: 'read' | 'write'): Row => ({
    what: `latency-${name}-seconds`,
    measures: of(name === 'read' ? 'ReadLatency' : 'WriteLatency', 'p90'),
    over: 'storageLatencyMilliseconds',
    scaled: (milliseconds) => milliseconds / 1000,
    every: MINUTE,
    hold: [5, 5],
    silence: 'unknown',
    means: `The storage takes long to ${name}; queries become slow.`,
    helps: 'Look for the queries that read or write most; more IOPS or memory help.',
  })
  const connections = (most: number): Row => ({
    what: 'saturation-connections-count',
    measures: of('DatabaseConnections', 'Maximum'),
    over: 'connectionsPercent',
    scaled: (percent) => (percent / 100) * most,
    every: MINUTE,
    hold: [4, 5],
    silence: 'unknown',
    means: 'The database has almost as many connections as it allows; the next ones will be refused.',
    helps: 'Look for a client that opens connections and does not close them, or a pool that is too large; restart it.',
  })
  return [
    {
      what: 'memory-free-bytes',
      measures: of('FreeableMemory', 'Minimum'),
      under: 'memoryFreeMiB',
      scaled: (mib) => mib * MIB,
      every: MINUTE,
      hold: [12, 15],
      silence: 'unknown',
      means: 'The database has little memory left; it swaps next, and then everything is slow.',
      helps: 'Look for large sorts and too many connections; a larger instance class helps.',
    },
    {
      what: 'cpu-percent',
      measures: of('CPUUtilization', 'Average'),
      over: 'cpuPercent',
      initial: 90,
      every: MINUTE,
      hold: [5, 5],
      silence: 'unknown',
      means: 'The CPU of the database is busy; queries wait for each other.',
      helps: 'Look for the query that uses most of it, often one without an index; stop it, or scale up.',
    },
    latency('read'),
    latency('write'),
    ...(maxConnections === undefined ? [] : [connections(maxConnections)]),
    silent(of('CPUUtilization', 'SampleCount'), 'The database reports nothing: it is down, or it restarts.'),
  ]
}

const burst = (of: Of): Row => ({
  what: 'saturation-burst-percent',
  measures: of('EBSIOBalance%', 'Average'),
  under: 'burstPercent',
  every: MINUTE,
  hold: [3, 3],
  // Only burstable instance classes have it.
  silence: 'fine',
  means: 'The credits for I/O are almost used up; then the storage becomes slow.',
  helps: 'Look for the queries that read or write most; a larger instance class or provisioned IOPS help.',
})
