// Which alarms a config asks for: every row of every resource of every watched service, with its name and its threshold.
import { alarmName } from '../../lambda/core/facts/alarm-name.ts'
import type { Config, Service, Target } from '../../lambda/core/services/config.ts'
import { THRESHOLDS, type ThresholdKey, type WATCHABLE, type Watch } from '../../lambda/core/facts/thresholds.ts'
import { albRows } from './alb.ts'
import { autoScalingRows } from './auto-scaling.ts'
import { dynamodbRows } from './dynamodb.ts'
import { ebsRows } from './ebs.ts'
import { ec2Rows } from './ec2.ts'
import { ecsRows } from './ecs.ts'
import { efsRows } from './efs.ts'
import { lambdaRows } from './lambda.ts'
import { onPremisesRows } from './on-premises.ts'
import { rabbitmqRows } from './rabbitmq.ts'
import { rdsRows } from './rds.ts'
import type { ResourceRows, Row } from './row.ts'
import { sqsRows } from './sqs.ts'

export interface Planned {
  service: string
  title: string
  resource: readonly string[]
  row: Row
  key: ThresholdKey
  side: 'above' | 'below'
  /** In the unit of the key, as the user writes it. */
  limit: number
  name: string
}

type Kinds = { [kind in keyof typeof WATCHABLE]: (part: NonNullable<Target[kind]>) => ResourceRows[] }

const KINDS: Kinds = {
  rabbitmq: rabbitmqRows,
  sqs: sqsRows,
  ecs: ecsRows,
  autoScaling: autoScalingRows,
  ec2: ec2Rows,
  onPremises: onPremisesRows,
  rds: rdsRows,
  alb: albRows,
  lambda: lambdaRows,
  dynamodb: dynamodbRows,
  ebs: ebsRows,
  efs: efsRows,
}

export const planOf = ({ services, deploy }: Pick<Config, 'services' | 'deploy'>): Planned[] =>
  Object.entries(services).flatMap(([id, service]) => planFor(deploy.name, id, service))

function planFor(stack: string, service: string, { watch, target, title }: Service): Planned[] {
  if (watch === false || target === undefined) return []
  const thresholds = watch === true ? {} : watch
  const planned = rowsOf(target).flatMap(({ resource, rows }) =>
    rows.flatMap((row) => {
      const name = alarmName({ stack, service, resource, what: row.what })
      const held = limitOf(row, thresholds)
      return held === undefined ? [] : [{ service, title, resource, row, name, ...held }]
    }),
  )
  // A resource that is named twice gets its alarms once.
  return [...new Map(planned.map((one) => [one.name, one])).values()]
}

const rowsOf = (target: Target): ResourceRows[] =>
  (Object.keys(KINDS) as (keyof Kinds)[]).flatMap((kind) => {
    const part = target[kind]
    return part === undefined ? [] : (KINDS[kind] as (part: unknown) => ResourceRows[])(part)
  })

function limitOf({ over, under, initial }: Row, watch: Watch): Pick<Planned, 'key' | 'side' | 'limit'> | undefined {
  const key = over ?? under!
  const limit = watch[key] ?? initial ?? THRESHOLDS[key].initial
  return limit === false ? undefined : { key, side: over === undefined ? 'below' : 'above', limit }
}

/** Thresholds that a service sets but that no alarm of its target uses. */
export function unusedThresholds(config: Pick<Config, 'services'>): { service: string; keys: string[] }[] {
  return Object.entries(config.services).flatMap(([service, { watch, target }]) => {
    if (typeof watch === 'boolean' || target === undefined) return []
    const used = new Set(rowsOf(target).flatMap(({ rows }) => rows.map(({ over, under }) => over ?? under)))
    const keys = (Object.keys(watch) as ThresholdKey[]).filter((key) => !used.has(key))
    return keys.length === 0 ? [] : [{ service, keys }]
  })
}
