// The recommended CloudWatch alarms for every service that the config wants watched.
import { createHash } from 'node:crypto'
import { Annotations, NestedStack } from 'aws-cdk-lib'
import { Construct } from 'constructs'
import { alarmName } from '../lambda/core/facts/alarm-name.ts'
import type { Config } from '../lambda/core/services/config.ts'
import { makeAlarm } from './alarms/make.ts'
import { planOf, unusedThresholds, type Planned } from './alarms/plan.ts'

export interface ServiceAlarmsProps {
  readonly config: Pick<Config, 'services' | 'deploy'>
}

/** CloudFormation: 500 resources per stack; the rest of Tocsin needs its share. */
const MOST_TOGETHER = 320
/** CloudFormation: 2,500 resources in one operation on a stack and those nested in it. */
const MOST = 2000
const NESTED_STACKS = 16

export class ServiceAlarms extends Construct {
  constructor(scope: Construct, id: string, { config }: ServiceAlarmsProps) {
    super(scope, id)
    for (const { service, keys } of unusedThresholds(config))
      Annotations.of(this).addWarningV2(
        `tocsin:unused-thresholds:${service}`,
        `services[${JSON.stringify(service)}].watch: no alarm of its target is held against ${keys.join(', ')}`,
      )
    const planned = planOf(config)
    if (planned.length > MOST) this.refuse(planned.length)
    else if (planned.length > MOST_TOGETHER) this.makeNested(planned, config.deploy.name)
    else for (const alarm of planned) makeAlarm(this, alarm)
  }

  /**
   * An alarm always goes to the same nested stack, and has a name of its own there: CloudFormation creates the new before it removes the old, and
   * two alarms cannot have the same name.
   */
  private makeNested(planned: readonly Planned[], name: string): void {
    const stacks = new Map<number, NestedStack>()
    for (const alarm of planned) {
      const place = placeOf(alarm.name)
      const stack = stacks.get(place) ?? new NestedStack(this, `Alarms${place}`)
      stacks.set(place, stack)
      const { service, resource, row } = alarm
      makeAlarm(stack, {
        ...alarm,
        name: alarmName({ stack: name, service, resource: ['nested', ...resource], what: row.what }),
      })
    }
  }

  private refuse(count: number): void {
    Annotations.of(this).addError(
      `services: watch makes ${count} alarms, and CloudFormation takes ${MOST} with one stack; set thresholds that matter less to false, or watch fewer services`,
    )
  }
}

const placeOf = (name: string): number => createHash('sha256').update(name).digest()[0]! % NESTED_STACKS
