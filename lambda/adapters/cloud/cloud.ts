// AWS calls by name, for runbooks. A service's client is loaded on its first call.
import { Refused, type Cloud, type CloudService } from '../../ports/tools.ts'
import type { Api, Settings } from './api.ts'
import { assumed, type Identity } from './assumed.ts'
import { explain } from './errors.ts'

const APIS: Partial<Record<CloudService, () => Promise<Api>>> = {
  autoscaling: async () => (await import('./autoscaling.ts')).autoscaling,
  cloudwatch: async () => (await import('./cloudwatch.ts')).cloudwatch,
  ec2: async () => (await import('./ec2.ts')).ec2,
  ecs: async () => (await import('./ecs.ts')).ecs,
  elbv2: async () => (await import('./elbv2.ts')).elbv2,
  lambda: async () => (await import('./lambda.ts')).lambda,
  rds: async () => (await import('./rds.ts')).rds,
  sqs: async () => (await import('./sqs.ts')).sqs,
  ssm: async () => (await import('./ssm.ts')).ssm,
}

export function awsCloud({ region, role, session }: Identity): Cloud {
  const who = role ?? "Tocsin's role"
  const settings: Settings = {
    region,
    ...(role !== undefined && { credentials: () => assumed({ role, session, region }) }),
  }
  const open = new Map<CloudService, ReturnType<Api['open']>>()
  return {
    async call<Output>(service: CloudService, action: string, input: Record<string, unknown>): Promise<Output> {
      const known = await APIS[service]?.()
      if (!known?.actions.includes(action))
        throw new Refused(
          `Tocsin cannot call ${service} ${action}; add it to the table in lambda/adapters/cloud/${service}.ts`,
        )
      const send = open.get(service) ?? known.open(settings)
      open.set(service, send)
      try {
        return (await send(action, input)) as Output
      } catch (error) {
        throw error instanceof Refused ? error : explain(error, `${service} ${action}`, who)
      }
    },
  }
}
