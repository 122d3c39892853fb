// How bad is it? Derives a severity from the services and signals in an incident; it only goes up while the incident lasts.
import type { Severity, Signal } from '../facts/signals.ts'
import { servicesOf, worst, type Incident } from '../incident/incident.ts'
import type { Rules } from '../services/rules.ts'

const FELT: readonly Signal[] = ['latency', 'errors', 'availability']
const BROKEN: readonly Signal[] = ['errors', 'availability']
const MANY_SERVICES = 10

/**
 * Critical: people feel it, or many services are hit. Major: more than one service, or one that fails. Minor: the rest. What the config says of an alarm
 * counts instead of what its own service and signal would; that it is one of several services still does, unless the config has spoken of all.
 */
export function severityOf(services: Incident['services'], rules: Rules): Severity {
  const ids = servicesOf({ services })
  const tallies = Object.values(services).flatMap((member) => Object.values(member))
  const said = tallies.reduce((most, tally) => worst(most, tally.said ?? 'minor'), 'minor' as Severity)
  if (tallies.every(({ isSaid }) => isSaid)) return said
  if (ids.length >= MANY_SERVICES) return 'critical'
  let severity: Severity = ids.length > 1 ? 'major' : 'minor'
  for (const id of ids) {
    const { kind, statusPage } = rules.service(id)
    const has = (signals: readonly Signal[]): boolean =>
      signals.some((signal) => services[id]![signal] && !services[id]![signal].isSaid)
    const atTheFront = kind === 'load-balancer' || kind === 'client' || statusPage.length > 0
    if (atTheFront && has(FELT)) return 'critical'
    if (has(BROKEN)) severity = 'major'
  }
  return worst(severity, said)
}
