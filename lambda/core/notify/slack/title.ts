// An incident's title: the service that is its probable cause, and the symptoms of that service.
import type { Signal } from '../../facts/signals.ts'
import type { Cause } from '../../correlate/cause.ts'
import type { Incident } from '../../incident/incident.ts'
import { cut, enumerate } from '../../words/words.ts'
import { flat } from './mrkdwn.ts'
import type { Rules } from '../../services/rules.ts'

const SYMPTOM: Record<Signal, string> = {
  disk: 'low on disk',
  memory: 'low on memory',
  latency: 'slow',
  errors: 'failing',
  saturation: 'backed up',
  availability: 'unavailable',
  cpu: 'short of CPU',
  other: 'in alarm',
}

/** The order in which signals are named: disk and memory before the symptoms they cause. */
export const SIGNAL_ORDER = Object.keys(SYMPTOM) as Signal[]

/** `Message broker: low on disk, backed up` */
export function titleOf(incident: Pick<Incident, 'services'>, causes: readonly Cause[], rules: Rules): string {
  const first = causes[0]?.service
  if (first === undefined) return 'No alarms'
  const member = incident.services[first]!
  const signals = SIGNAL_ORDER.filter((signal) => member[signal])
  return cut(
    flat(
      `${flat(rules.titleOf(first)) || 'unnamed'}: ${enumerate(signals.slice(0, 3).map((signal) => member[signal]!.words ?? SYMPTOM[signal]))}`,
    ),
    140,
  )
}
