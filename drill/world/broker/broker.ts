// A RabbitMQ broker: its queues, its memory and disk with their limits, and publishers that block when either is short.
import type { BrokerPolicy } from '../../../lambda/ports/broker.ts'
import { limitsIn, type Limits } from './limits.ts'
import { queueOf, type Queue } from './queue.ts'
import type { BrokerPlan } from '../plan/schema.ts'
import { MIB } from '../units.ts'

export interface SimulatedBroker {
  readonly name: string
  readonly plan: BrokerPlan
  readonly queues: ReadonlyMap<string, Queue>
  readonly policies: Map<string, BrokerPolicy>
  /** MiB per second of data other than messages, changed by events. */
  rates: { memory: number; disk: number }
  memoryUsed(): number
  diskFree(): number
  /** Publishers wait, and new connections fail. */
  blocked(): boolean
  /** The policy that applies: of those that match, the one with the highest priority. */
  policyOf(queue: Queue): BrokerPolicy | undefined
  limitsOf(queue: Queue): Limits
  /** Whatever is freed, in bytes, is immediately taken up by something else. */
  fillUp(bytes: number): void
  tick(now: number): void
}

export function brokerOf(name: string, plan: BrokerPlan, seed: number): SimulatedBroker {
  const queues = new Map(Object.entries(plan.queues).map(([id, queue]) => [id, queueOf(id, queue, seed, plan.version)]))
  const policies = new Map(plan.policies.map((policy) => [policy.name, policy]))
  const other = { memory: plan.memory.baseMiB * MIB, disk: plan.disk.otherMiB * MIB }
  const content = (): number => {
    let sum = 0
    for (const queue of queues.values()) sum += queue.bytes()
    return sum
  }

  const broker: SimulatedBroker = {
    name,
    plan,
    queues,
    policies,
    rates: { memory: 0, disk: 0 },
    memoryUsed: () => other.memory + content() * plan.memory.messageShare,
    diskFree: () => Math.max(0, plan.disk.totalMiB * MIB - other.disk - content() * plan.disk.messageShare),
    blocked: () => broker.memoryUsed() > plan.memory.limitMiB * MIB || broker.diskFree() < plan.disk.freeLimitMiB * MIB,
    policyOf: (queue) =>
      [...policies.values()].filter((one) => appliesTo(one, queue)).sort((a, b) => b.priority - a.priority)[0],
    limitsOf: (queue) => limitsIn(broker.policyOf(queue)?.definition ?? {}),
    fillUp(bytes) {
      other.memory += bytes * plan.memory.messageShare
      other.disk += bytes * plan.disk.messageShare
    },
    tick(now) {
      other.memory += broker.rates.memory * MIB
      other.disk = Math.min(other.disk + broker.rates.disk * MIB, plan.disk.totalMiB * MIB)
      for (const queue of queues.values()) queue.tick(now, broker.blocked(), broker.limitsOf(queue))
    },
  }
  return broker
}

const APPLIES: Record<string, (queue: Queue) => boolean> = {
  all: () => true,
  queues: () => true,
  classic_queues: (queue) => queue.type === 'classic',
  quorum_queues: (queue) => queue.type === 'quorum',
}

const appliesTo = (policy: BrokerPolicy, queue: Queue): boolean =>
  (APPLIES[policy.applyTo]?.(queue) ?? false) && new RegExp(policy.pattern).test(queue.name)
