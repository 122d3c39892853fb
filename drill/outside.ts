// What runbooks find outside in a drill: the world's ports, with each call recorded, and refused or without effect if the drill says so.
import type { Target } from '../lambda/core/services/config.ts'
import { Refused, type Cloud, type ToolsFor } from '../lambda/ports/tools.ts'
import type { Broker } from '../lambda/ports/broker.ts'
import type { Clock } from '../lambda/ports/clock.ts'
import { OWN } from '../lambda/runbooks/index.ts'
import { deny, wrapped, type Call, type Fault } from './world/faults.ts'
import { brokerPort } from './world/ports/broker.ts'
import { cloudPort } from './world/ports/cloud.ts'
import { memoryEvidence, type MemoryEvidence } from './world/ports/evidence.ts'
import type { SimulatedWorld } from './world/world.ts'

export interface Outside {
  evidence: MemoryEvidence
  /** Every call, in order. */
  calls: Call[]
  tools: ToolsFor
}

export function outsideOf(world: SimulatedWorld, clock: Pick<Clock, 'now' | 'sleep'>, fault: Fault): Outside {
  const calls: Call[] = []
  const evidence = memoryEvidence(clock)
  const cloud = cloudPort(world, clock)
  const rehearsed = new Map<string, Cloud>()
  /** A runbook of one's own is answered as in its rehearsal; what that does not know, the world does. */
  const cloudOf = (name: string): Cloud => {
    const known = rehearsed.get(name)
    const rehearsal = OWN.get(name)?.rehearsal
    if (known || !rehearsal) return known ?? cloud
    const made = cloudPort(world, clock, rehearsal.outside().answers)
    rehearsed.set(name, made)
    return made
  }

  const around = async (
    { name, changes }: Pick<Call, 'name' | 'changes'>,
    go: () => Promise<unknown>,
  ): Promise<unknown> => {
    const call: Call = { at: world.second, name, changes }
    calls.push(call)
    if (fault === 'no-help' && changes && !name.startsWith('evidence ')) world.incurable = true
    try {
      if (fault === 'denied') deny(call)
      return await go()
    } catch (error) {
      if (error instanceof Refused) call.refused = true
      throw error
    }
  }

  return {
    evidence,
    calls,
    tools: (target, runbook) => ({
      cloud: wrapped('cloud', cloudOf(runbook?.name ?? ''), around),
      broker: wrapped('broker', brokerOf(world, target, clock), around),
      evidence: wrapped('evidence', evidence, around),
      now: clock.now,
      pause: (seconds) => clock.sleep(seconds * 1000),
    }),
  }
}

/** By the name of the Amazon MQ broker, or else by the address of its API. */
function brokerOf(world: SimulatedWorld, { rabbitmq }: Target, clock: Pick<Clock, 'now' | 'sleep'>): Broker {
  const all = [...world.brokers.values()]
  const found =
    all.find(({ name }) => name === rabbitmq?.broker) ??
    all.find(({ plan }) => plan.api !== undefined && plan.api === rabbitmq?.api)
  if (found) return brokerPort(world, found, clock)
  const why = rabbitmq
    ? `there is no broker ${rabbitmq.broker ?? rabbitmq.api ?? ''} in this world`
    : 'the target has no broker'
  const refuse = (): Promise<never> => Promise.reject(new Refused(why))
  return {
    nodes: refuse,
    queues: refuse,
    peak: refuse,
    version: refuse,
    bindings: refuse,
    take: refuse,
    look: refuse,
    publish: refuse,
    policies: refuse,
    setPolicy: refuse,
    deletePolicy: refuse,
  }
}
