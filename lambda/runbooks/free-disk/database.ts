// Makes room in an RDS database: more allocated storage, up to a cap. It cannot be made smaller again.
import { freePercentOf, GIB, grown } from './disk.ts'
import { arnOf } from '../parts/arn.ts'
import type { Kind } from '../parts/kind.ts'
import { metricPermissions, newest } from '../parts/metric.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import type { Step } from '../runbook.ts'
import type { Options } from './options.ts'

interface Instance {
  DBInstanceStatus: string
  /** GiB. */
  AllocatedStorage: number
  Engine: string
}

interface Facts {
  gib: number
  next: number
}

const AGAIN_SECONDS = 20

export const database: Kind<Options, Facts> = {
  async look(tools, { target, options }) {
    const id = target.rds!.instance!
    const { AllocatedStorage: gib, DBInstanceStatus, Engine } = await describe(tools, id)
    const free = await newest(tools, {
      namespace: 'AWS/RDS',
      name: 'FreeStorageSpace',
      dimensions: { DBInstanceIdentifier: id },
      statistic: 'Minimum',
    })
    const next = grown(gib, options.growPercent, options.maxGiB ?? gib)
    const percent = free === undefined ? undefined : freePercentOf({ size: gib * GIB, available: free })
    const share = percent === undefined ? 'how much is free is not known' : `${Math.floor(percent)} % free`
    const stop = whyNot({ gib, next, percent, engine: Engine, status: DBInstanceStatus }, options)
    const scope = {
      words: `the storage of ${id}, ${gib} → ${next} GiB`,
      on: { database: id, GiB: String(gib), 'GiB in the end': String(next) },
    }
    return { found: `${id} has ${gib} GiB, ${share}`, facts: { gib, next }, scope, ...(stop !== undefined && { stop }) }
  },

  steps: (facts, { target }) => [growStep(target.rds!.instance!, facts)],

  permissions: ({ rds }, _, place) => [
    {
      actions: ['rds:DescribeDBInstances', 'rds:ModifyDBInstance'],
      resources: [arnOf(place, 'rds', `db:${rds!.instance!}`)],
    },
    ...metricPermissions(),
  ],
}

interface Seen {
  gib: number
  next: number
  percent: number | undefined
  engine: string
  status: string
}

function whyNot({ gib, next, percent, engine, status }: Seen, options: Options): string | undefined {
  if (engine.startsWith('aurora')) return 'storage of Aurora grows by itself'
  if (options.maxGiB === undefined) return 'no storage may grow: set maxGiB'
  if (next <= gib) return `it is at its cap of ${options.maxGiB} GiB`
  // RDS: storage grows by at least 10 %.
  if (next < gib * 1.1) return `the cap of ${options.maxGiB} GiB leaves less than the 10 % that RDS grows by`
  if (status !== 'available') return `it is ${status}; RDS changes storage only while it is available`
  if (percent !== undefined && percent >= options.freePercent) return `at least ${options.freePercent} % are free`
  return undefined
}

async function describe(tools: Tools, id: string): Promise<Instance> {
  const { DBInstances = [] } = await tools.cloud.call<{ DBInstances?: Instance[] }>('rds', 'DescribeDBInstances', {
    DBInstanceIdentifier: id,
  })
  if (!DBInstances[0]) throw new Refused(`there is no RDS instance ${id}; check target.rds in the config`)
  return DBInstances[0]
}

const growStep = (id: string, { gib, next }: Facts): Step => ({
  name: `Grow the storage of ${id} to ${next} GiB`,
  calls: [`rds ModifyDBInstance ${id} AllocatedStorage=${next} ApplyImmediately=true`],
  touches: `${gib} → ${next} GiB, without an interruption; it cannot be made smaller again`,
  withinSeconds: 3600,
  async turn(tools) {
    const now = await describe(tools, id)
    // RDS: the new size is listed as soon as it can be used, even while the storage is still being optimized.
    if (now.AllocatedStorage >= next) return { done: `${id} has ${now.AllocatedStorage} GiB` }
    if (now.DBInstanceStatus === 'available')
      await tools.cloud.call('rds', 'ModifyDBInstance', {
        DBInstanceIdentifier: id,
        AllocatedStorage: next,
        ApplyImmediately: true,
      })
    return { going: `${id} is ${now.DBInstanceStatus}`, againInSeconds: AGAIN_SECONDS }
  },
})
