// The AWS of this world: one table of services, each with the calls that it answers. It refuses unknown calls loudly.
import { Refused, type Cloud, type CloudService } from '../../../lambda/ports/tools.ts'
import type { Clock } from '../../../lambda/ports/clock.ts'
import { placeOf, type Api } from '../cloud/api.ts'
import { autoscaling } from '../cloud/autoscaling.ts'
import { cloudwatch } from '../cloud/cloudwatch.ts'
import { ec2 } from '../cloud/ec2.ts'
import { ecs } from '../cloud/ecs.ts'
import { elbv2 } from '../cloud/elbv2.ts'
import { rds } from '../cloud/rds.ts'
import { sqs } from '../cloud/sqs.ts'
import { ssm } from '../cloud/ssm.ts'
import type { SimulatedWorld } from '../world.ts'
import { PACE } from './pace.ts'

export type Apis = Partial<Record<CloudService, Api>>

export function apisOf(world: SimulatedWorld, pageMost?: number) {
  const place = placeOf(world, pageMost)
  return {
    autoscaling: autoscaling(place),
    cloudwatch: cloudwatch(place),
    ec2: ec2(place),
    ecs: ecs(place),
    elbv2: elbv2(place),
    rds: rds(place),
    sqs: sqs(place),
    ssm: ssm(place),
  } satisfies Apis
}

/** `own`: answers that go before the world's, by service and action. */
export function cloudPort(
  world: SimulatedWorld,
  clock: Pick<Clock, 'now' | 'sleep'>,
  own: Record<string, (input: never) => unknown> = {},
): Cloud {
  const apis: Apis = apisOf(world)
  return {
    async call<Output>(service: CloudService, action: string, input: Record<string, unknown>): Promise<Output> {
      const answer = own[`${service} ${action}`] ?? apis[service]?.[action]
      if (!answer)
        throw new Refused(
          `a drill's world has no answer for ${service} ${action}; a runbook of your own answers for it with its rehearsal`,
        )
      await clock.sleep((service === 'sqs' ? PACE.sqsCall : PACE.cloudCall) * 1000)
      return answer(input as never) as Output
    },
  }
}
