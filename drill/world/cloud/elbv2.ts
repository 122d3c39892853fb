// Elastic Load Balancing: which workers get requests.
import { Refused } from '../../../lambda/ports/tools.ts'
import { seedOf } from '../chance.ts'
import type { ServicePlan } from '../plan/schema.ts'
import type { Worker } from '../service/worker.ts'
import { text, type Api, type Place } from './api.ts'

/** An address of its own for each worker. */
export function addressOf({ id }: Worker): string {
  const sum = seedOf(10, id)
  return `10.0.${(sum >>> 8) % 256}.${1 + (sum % 254)}`
}

export function groupArnOf({ arn }: Place, { loadBalancer }: ServicePlan): string | undefined {
  const group = loadBalancer?.targetGroup
  return group === undefined ? undefined : group.startsWith('arn:') ? group : arn('elasticloadbalancing', group)
}

export const elbv2 = (place: Place): Api => ({
  DescribeTargetHealth(input) {
    const wanted = text(input, 'TargetGroupArn')
    const service = [...place.world.services.values()].find(({ plan }) => groupArnOf(place, plan) === wanted)
    if (!service) throw new Refused(`TargetGroupNotFound: there is no target group ${wanted}`)
    const states = { starting: 'initial', ready: 'healthy', stopping: 'draining' } as const
    return {
      TargetHealthDescriptions: service.fleet.workers
        .filter(({ runsFrom }) => runsFrom <= place.world.second)
        .map((worker) => ({
          Target: { Id: service.plan.autoScaling ? worker.id : addressOf(worker), Port: 8080 },
          TargetHealth: { State: states[worker.state] },
        })),
    }
  },
})
