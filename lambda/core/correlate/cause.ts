// What is the probable cause? Ranks an incident's services by how well they explain the others (edges, signals, kinds), with the evidence.
import type { Signal } from '../facts/signals.ts'
import { isSummary, type Incident, type Member, type Tally } from '../incident/incident.ts'
import type { Draft } from '../incident/draft.ts'
import type { Rules } from '../services/rules.ts'

/** `score` is 0..1; the scores of an incident's causes add up to 1. Best first. */
export interface Cause {
  service: string
  score: number
  evidence: string[]
}

/** How a signal of a callee can show in its caller. A resource that runs out can show as almost anything. */
const SHOWS_AS: Record<Signal, readonly Signal[]> = {
  disk: ['disk', 'memory', 'latency', 'errors', 'saturation', 'availability', 'cpu', 'other'],
  memory: ['memory', 'latency', 'errors', 'saturation', 'availability', 'cpu', 'other'],
  cpu: ['latency', 'errors', 'saturation', 'availability', 'memory', 'other'],
  saturation: ['latency', 'errors', 'saturation', 'availability', 'memory', 'cpu', 'other'],
  latency: ['latency', 'errors', 'saturation', 'availability', 'memory', 'cpu', 'other'],
  errors: ['errors', 'availability', 'latency', 'saturation', 'other'],
  availability: ['availability', 'errors', 'latency', 'saturation', 'other'],
  other: ['latency', 'errors', 'saturation', 'availability', 'memory', 'cpu', 'disk', 'other'],
}

const RESOURCES: readonly Signal[] = ['disk', 'memory', 'cpu']

/** Weights of the factors. To be tuned on labeled faults; until then only the resulting order has to be right. */
const WEIGHT = { explained: 0.35, resource: 1.25, front: 0.5, chronic: 0.4, weak: 0.6, sum: 0.1 }

/** An alarm this much older than a caller's first symptom is background noise, unless a resource ran out slowly. */
const CHRONIC_MS = 30 * 60_000

/** A callee explains its caller only if its excess is at least this fraction of the caller's; resources are exempt. */
const COMPARABLE = 0.2

export function causesOf(incident: Pick<Incident, 'services'>, rules: Rules): Cause[] {
  const services = Object.keys(incident.services).sort()
  const suspects = services.map((service) => suspectOf(service, services, incident.services, rules))
  const sum = suspects.reduce((total, { weight }) => total + weight, 0)
  return suspects
    .sort((a, b) => b.weight - a.weight || a.from - b.from || (a.service < b.service ? -1 : 1))
    .map(({ service, weight, evidence }) => ({ service, score: Math.round((weight / sum) * 1000) / 1000, evidence }))
}

/** The probable cause is this service now. */
export function blame({ edit, rules, now }: Draft, id: string, cause: string): void {
  const incident = edit(id)
  const before = incident.cause
  incident.cause = cause
  if (before !== undefined && rules.teamOf(before) !== rules.teamOf(cause)) incident.causeAt = now
}

interface Suspect {
  service: string
  weight: number
  from: number
  evidence: string[]
}

function suspectOf(service: string, services: string[], members: Incident['services'], rules: Rules): Suspect {
  const own = members[service]!
  const evidence: string[] = []
  const callers = services.filter((other) => other !== service && rules.graph.below(other).has(service))
  const explained = callers.filter((caller) => canShowAs(own, members[caller]!))
  const callees = services.filter((other) => other !== service && rules.graph.below(service).has(other))
  // In a cycle each depends on the other: the one that fired first explains, the other is explained.
  const explainedBy = callees.find(
    (callee) =>
      canShowAs(members[callee]!, own) && (!callers.includes(callee) || firstOf(members[callee]!) < firstOf(own)),
  )

  let weight = (1 + explained.length) / services.length
  if (explained.length > 0)
    evidence.push(`explains ${countOf(explained, rules)} that depend${explained.length === 1 ? 's' : ''} on it`)
  if (explainedBy !== undefined) {
    weight *= WEIGHT.explained
    evidence.push(`is itself explained by ${rules.titleOf(explainedBy)}`)
  } else if (rules.service(service).dependsOn.length > 0) evidence.push('nothing that it depends on explains it')

  const resource = RESOURCES.find((signal) => own[signal])
  if (resource) {
    weight *= WEIGHT.resource
    evidence.push(`${resource} ran short${ofExcess(own[resource]!)}`)
  }
  const kind = rules.service(service).kind
  if (kind === 'load-balancer' || kind === 'client') {
    weight *= WEIGHT.front
    evidence.push(`a ${kind} shows what is behind it`)
  }
  const symptom = Math.min(...explained.map((caller) => firstOf(members[caller]!)))
  if (!resource && Number.isFinite(symptom) && symptom - firstOf(own) > CHRONIC_MS) {
    weight *= WEIGHT.chronic
    evidence.push('its alarm is much older than the symptoms')
  }
  if (services.length > 1 && isSummary(own)) {
    weight *= WEIGHT.sum
    evidence.push('it sums up other alarms')
  }
  if (callers.length > explained.length) weight *= WEIGHT.weak
  const from = firstOf(own)
  if (services.length > 1 && services.every((other) => other === service || firstOf(members[other]!) >= from))
    evidence.push('fired first')
  if (evidence.length === 0)
    evidence.push(services.length === 1 ? 'the only service that alarms' : 'nothing else explains it')
  return { service, weight, from, evidence }
}

const firstOf = (member: Member): number => Math.min(...Object.values(member).map((tally) => tally.from))

/** Whether a signal of the callee can show as a signal of the caller, and is not much smaller. */
function canShowAs(callee: Member, caller: Member): boolean {
  for (const from in callee)
    for (const to in caller) {
      if (!SHOWS_AS[from as Signal].includes(to as Signal)) continue
      if (RESOURCES.includes(from as Signal)) return true
      if (callee[from as Signal]!.excess >= caller[to as Signal]!.excess * COMPARABLE) return true
    }
  return false
}

function countOf(services: string[], rules: Rules): string {
  return services.length === 1 ? rules.titleOf(services[0]!) : `${services.length} services`
}

const ofExcess = (tally: Tally): string => (tally.excess >= 1.5 ? ` (${tally.excess.toFixed(1)} times its limit)` : '')
