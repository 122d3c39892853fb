// Looks at everything in the account that could be a service; what it may not read is left out, and it says so.
import { existingAlarms } from '../aws/inventory/alarms.ts'
import { autoScalingGroups } from '../aws/inventory/auto-scaling.ts'
import { calls } from '../aws/inventory/calls.ts'
import { ecsServices } from '../aws/inventory/ecs.ts'
import { functions } from '../aws/inventory/functions.ts'
import { loadBalancers } from '../aws/inventory/load-balancers.ts'
import { brokers } from '../aws/inventory/mq.ts'
import { databases } from '../aws/inventory/rds.ts'
import { queues } from '../aws/inventory/sqs.ts'
import { explainAws } from '../aws/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Call, Found, FoundAlarm } from './found.ts'

const SOURCES: Record<string, () => Promise<Found[]>> = {
  'ECS services': ecsServices,
  'Auto Scaling groups': autoScalingGroups,
  'Lambda functions': functions,
  'load balancers': loadBalancers,
  databases,
  'message brokers': brokers,
  queues,
}

export interface Inventory {
  found: Found[]
  alarms: FoundAlarm[]
  calls: Call[]
}

/** `own`: the name of Tocsin's own stack, whose parts are left out. */
export async function lookAround(own: string, terminal: Terminal): Promise<Inventory> {
  const look = async <T>(what: string, source: () => Promise<T[]>): Promise<T[]> => {
    terminal.waiting(`  … ${what}`)
    try {
      return await source()
    } catch (error) {
      terminal.waiting()
      terminal.note(`  ${what} are left out: ${explainAws(error) ?? (error as Error).message}`)
      return []
    } finally {
      terminal.waiting()
    }
  }
  const found: Found[] = []
  for (const [what, source] of Object.entries(SOURCES)) found.push(...(await look(what, source)))
  return {
    found: found.filter(({ id }) => !id.startsWith(`${own}-`)),
    alarms: (await look('alarms', existingAlarms)).filter(({ name }) => !name.startsWith(`${own}-`)),
    calls: await look('traces of X-Ray', calls),
  }
}
