// AWS calls by name, for runbooks. A service's client is loaded on its first call.
import { Refused, type Cloud, type CloudService } from '../../ports/tools.ts'
import type { Api, Apis, Settings } from '../../ports/api.ts'
import { assumed, type Identity } from './assumed.ts'
import { explain } from './errors.ts'

const APIS: Record<string, () => Promise<Api>> = {
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

/** The API that has this call; throws `Refused` if none has it. */
export async function apiWith(service: CloudService, action: string, own: Apis = {}): Promise<Api> {
  const known = [own[service], await APIS[service]?.()].find((one) => one?.actions.includes(action))
  if (known) return known
  throw new Refused(`nobody has declared the call ${service} ${action}: put it into the runbook's apis`)
}

/** `own`: those that a runbook brings along. */
export function awsCloud({ region, role, session }: Identity, own: Apis = {}): Cloud {
  const who = role ?? "Tocsin's role"
  const settings: Settings = {
    region,
    ...(role !== undefined && { credentials: () => assumed({ role, session, region }) }),
  }
  const open = new Map<Api, ReturnType<Api['open']>>()
  return {
    async call<Output>(service: CloudService, action: string, input: Record<string, unknown>): Promise<Output> {
      const known = await apiWith(service, action, own)
      const send = open.get(known) ?? known.open(settings)
      open.set(known, send)
      try {
        return (await send(action, input)) as Output
      } catch (error) {
        throw error instanceof Refused ? error : explain(error, `${service} ${action}`, who)
      }
    },
  }
}
