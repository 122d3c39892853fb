// Makes room in an RDS database: more allocated storage, up to a cap. It cannot be made smaller again.
import { freePercentOf, GIB, grown } from './disk.ts'
import { arnOf } from '../parts/arn.ts'
import type { Kind } from '../parts/kind.ts'
import { metricPermissions, newest } from '../parts/metric.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import type { Step } from '../runbook.ts'
import type { Options } from './options.ts'

interface Instance {
  DBInstanceStatus: string
  /** GiB. */
  AllocatedStorage: number
  Engine: string
  StorageType?: string
  Iops?: number
  /** GiB up to which storage autoscaling grows it; missing where that is off. */
  MaxAllocatedStorage?: number
  /** Of a Multi-AZ cluster, whose storage is changed as a whole. */
  DBClusterIdentifier?: string
  PendingModifiedValues?: { AllocatedStorage?: number }
}

interface Facts {
  gib: number
  next: number
  /** Sent along where RDS asks for it. */
  iops?: number
}

const AGAIN_SECONDS = 20

export const database: Kind<Options, Facts> = {
  async look(tools, { target, options }) {
    const id = target.rds!.instance!
    const instance = await describe(tools, id)
    const { AllocatedStorage: gib, MaxAllocatedStorage: most } = instance
    const free = await newest(tools, {
      namespace: 'AWS/RDS',
      name: 'FreeStorageSpace',
      dimensions: { DBInstanceIdentifier: id },
      statistic: 'Minimum',
    })
    const next = grown(gib, options.growPercent, options.maxGiB ?? gib)
    const percent = free === undefined ? undefined : freePercentOf({ size: gib * GIB, available: free })
    const share = percent === undefined ? 'how much is free is not known' : `${Math.floor(percent)} % free`
    const scaling = most === undefined || most <= gib ? '' : `; storage autoscaling grows it up to ${most} GiB`
    const iops = iopsOf(instance)
    const stop = whyNot(PRECONDITIONS, { instance, next, percent, options })
    const scope = {
      words: `the storage of ${id}, ${gib} → ${next} GiB`,
      on: { database: id, GiB: String(gib), 'GiB in the end': String(next) },
    }
    return {
      found: `${id} has ${gib} GiB, ${share}${scaling}`,
      facts: { gib, next, ...(iops !== undefined && { iops }) },
      scope,
      ...(stop !== undefined && { stop }),
    }
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
  instance: Instance
  next: number
  /** Free; undefined if nothing says. */
  percent: number | undefined
  options: Options
}

/** RDS says of an instance without room that it is to be modified at once: https://repost.aws/knowledge-center/rds-out-of-storage */
const MAY_GROW = ['available', 'storage-full']

/** Fields of DescribeDBInstances. */
export const PRECONDITIONS: readonly Precondition<[Seen]>[] = [
  {
    field: 'Engine',
    must: 'not `aurora…`',
    stops: ({ instance: { Engine } }) =>
      Engine.startsWith('aurora') ? 'storage of Aurora grows by itself' : undefined,
  },
  {
    field: 'DBClusterIdentifier',
    must: 'is missing',
    stops: ({ instance: { DBClusterIdentifier: cluster } }) =>
      cluster === undefined ? undefined : `it belongs to the cluster ${cluster}, whose storage is changed as a whole`,
  },
  {
    field: 'AllocatedStorage, the option maxGiB',
    must: 'the next size is below `maxGiB`, and at least 10 % more',
    stops({ instance: { AllocatedStorage: gib }, next, options: { maxGiB } }) {
      if (maxGiB === undefined) return 'no storage may grow: set maxGiB'
      if (next <= gib) return `it is at its cap of ${maxGiB} GiB`
      // RDS: storage grows by at least 10 %.
      return next < gib * 1.1 ? `the cap of ${maxGiB} GiB leaves less than the 10 % that RDS grows by` : undefined
    },
  },
  {
    field: 'MaxAllocatedStorage',
    must: 'above the next size; or missing, or not above the size now: autoscaling is off',
    stops: ({ instance: { AllocatedStorage, MaxAllocatedStorage: most }, next }) =>
      most !== undefined && most > AllocatedStorage && next >= most
        ? `${next} GiB are not below the ${most} GiB at which storage autoscaling ends: raise that first (MaxAllocatedStorage)`
        : undefined,
  },
  {
    field: 'DBInstanceStatus',
    must: MAY_GROW.map((status) => `\`${status}\``).join(' or '),
    stops: ({ instance: { DBInstanceStatus: status } }) =>
      MAY_GROW.includes(status)
        ? undefined
        : `it is ${status}; RDS changes storage only while it is ${MAY_GROW.join(' or ')}`,
  },
  {
    field: 'PendingModifiedValues.AllocatedStorage',
    must: 'is missing',
    stops: ({ instance: { PendingModifiedValues: { AllocatedStorage: pending } = {} } }) =>
      pending === undefined
        ? undefined
        : `its storage becomes ${pending} GiB already, with its next maintenance window`,
  },
  {
    field: 'FreeStorageSpace of `AWS/RDS`',
    must: 'is measured, and below `freePercent`; or the status is `storage-full`',
    stops({ instance: { DBInstanceStatus }, percent, options: { freePercent } }) {
      if (DBInstanceStatus === 'storage-full') return undefined
      if (percent === undefined) return 'how much is free is not known, and storage never becomes smaller again'
      return percent >= freePercent ? `at least ${freePercent} % are free` : undefined
    },
  },
]

/** GiB from which the IOPS of gp3 are the user's; below, RDS refuses to hear of them. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage */
const gp3From = (engine: string): number =>
  engine.startsWith('sqlserver') ? 0 : /^(custom-)?oracle/.test(engine) ? 200 : 400

/**
 * What RDS wants to have repeated when storage grows. Where gp3 grows beyond its threshold, it must not: RDS raises them itself.
 * https://github.com/hashicorp/terraform-provider-aws/pull/28243
 */
function iopsOf({ StorageType, Iops, Engine, AllocatedStorage }: Instance): number | undefined {
  if (StorageType === 'gp3') return AllocatedStorage >= gp3From(Engine) ? Iops : undefined
  return StorageType === 'io1' || StorageType === 'io2' ? Iops : undefined
}

async function describe(tools: Tools, id: string): Promise<Instance> {
  const { DBInstances = [] } = await tools.cloud.call<{ DBInstances?: Instance[] }>('rds', 'DescribeDBInstances', {
    DBInstanceIdentifier: id,
  })
  if (!DBInstances[0]) throw new Refused(`there is no RDS instance ${id}; check target.rds in the config`)
  return DBInstances[0]
}

function growStep(id: string, { gib, next, iops }: Facts): Step {
  const input = {
    DBInstanceIdentifier: id,
    AllocatedStorage: next,
    ...(iops !== undefined && { Iops: iops }),
    ApplyImmediately: true,
  }
  return {
    name: `Grow the storage of ${id} to ${next} GiB`,
    calls: [
      `rds ModifyDBInstance ${id} AllocatedStorage=${next}${iops === undefined ? '' : ` Iops=${iops}`} ApplyImmediately=true`,
    ],
    touches: `${gib} → ${next} GiB, without an interruption; it cannot be made smaller again`,
    withinSeconds: 3600,
    async turn(tools, state) {
      const now = await describe(tools, id)
      // RDS: the new size is listed as soon as it can be used, even while the storage is still being optimized.
      if (now.AllocatedStorage >= next) return { done: `${id} has ${now.AllocatedStorage} GiB` }
      const isAsked = state === ASKED || now.PendingModifiedValues?.AllocatedStorage === next
      if (!isAsked && MAY_GROW.includes(now.DBInstanceStatus)) await tools.cloud.call('rds', 'ModifyDBInstance', input)
      else if (!isAsked) return { going: `${id} is ${now.DBInstanceStatus}`, againInSeconds: AGAIN_SECONDS }
      return { going: `${id} is ${now.DBInstanceStatus}`, againInSeconds: AGAIN_SECONDS, state: ASKED }
    },
  }
}

const ASKED = 'asked'
