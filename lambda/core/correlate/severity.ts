// How bad is it? Derives a severity from the services and signals in an incident; it only goes up while the incident lasts.
import type { Severity, Signal } from '../facts/signals.ts'
import type { Incident } from '../incident/incident.ts'
import type { Rules } from '../services/rules.ts'

const FELT: readonly Signal[] = ['latency', 'errors', 'availability']
const BROKEN: readonly Signal[] = ['errors', 'availability']
const MANY_SERVICES = 10

/** Critical: people feel it, or many services are hit. Major: more than one service, or one that fails. Minor: the rest. */
export function severityOf(services: Incident['services'], rules: Rules): Severity {
  const ids = Object.keys(services)
  if (ids.length >= MANY_SERVICES) return 'critical'
  let severity: Severity = ids.length > 1 ? 'major' : 'minor'
  for (const id of ids) {
    const { kind, statusPage } = rules.service(id)
    const atTheFront = kind === 'load-balancer' || kind === 'client' || statusPage.length > 0
    if (atTheFront && FELT.some((signal) => services[id]![signal])) return 'critical'
    if (BROKEN.some((signal) => services[id]![signal])) severity = 'major'
  }
  return severity
}
