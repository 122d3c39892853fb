// What is the probable cause? Ranks an incident's services: who explains the others, by the edges, the signals and the kinds. A ranking with its evidence.
import type { Signal } from '../facts/signals.ts'
import type { Incident, Member, Tally } from '../incident/incident.ts'
import type { Rules } from '../services/rules.ts'

/** `score` in 0..1, all of an incident's causes add up to 1; best first. */
export interface Cause {
  service: string
  score: number
  evidence: string[]
}

/** Which signals of a callee can show as which signal of its caller. A resource that runs out shows as anything. */
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

/** How the parts weigh. They are to be tuned on labelled faults; until then they only have to be in the right order. */
const WEIGHT = { explained: 0.35, resource: 1.25, front: 0.5, chronic: 0.4, weak: 0.6 }

/** An alarm this much older than the first symptom of a caller is part of the scenery, unless it is a resource that ran out slowly. */
const CHRONIC_MS = 30 * 60_000

/** A callee whose excess is this much smaller than its caller's explains it poorly. */
const COMPARABLE = 0.2

export function causesOf(incident: Pick<Incident, 'services'>, rules: Rules): Cause[] {
  const services = Object.keys(incident.services).sort()
  const suspects = services.map((service) => suspectOf(service, services, incident.services, rules))
  const sum = suspects.reduce((total, { weight }) => total + weight, 0)
  return suspects
    .sort((a, b) => b.weight - a.weight || a.from - b.from || (a.service < b.service ? -1 : 1))
    .map(({ service, weight, evidence }) => ({ service, score: Math.round((weight / sum) * 1000) / 1000, evidence }))
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
  if (callers.length > explained.length) weight *= WEIGHT.weak
  const from = firstOf(own)
  if (services.length > 1 && services.every((other) => other === service || firstOf(members[other]!) >= from))
    evidence.push('fired first')
  if (evidence.length === 0)
    evidence.push(services.length === 1 ? 'the only service that alarms' : 'nothing else explains it')
  return { service, weight, from, evidence }
}

const firstOf = (member: Member): number => Math.min(...Object.values(member).map((tally) => tally.from))

/** A signal of the callee can show as a signal of the caller, and is not much smaller than it. */
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
