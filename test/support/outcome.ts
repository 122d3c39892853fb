// What must be the same however the messages came: the incidents, by content, not by number.
import type { Story } from '../../replay/replay.ts'

export type Outcome = {
  services: string[]
  alarms: string[]
  status: string
  severity: string
  openedAt: string
  resolvedAt: string | null
  cause: string | undefined
}[]

export function outcomeOf({ incidents }: Story): Outcome {
  return incidents
    .map(({ services, alarms, status, severity, openedAt, resolvedAt, causes }) => ({
      services,
      alarms: alarms.map(({ name, state, since }) => `${name} ${state} ${since}`).sort(),
      status,
      severity,
      openedAt,
      resolvedAt,
      cause: causes[0]?.service,
    }))
    .sort((a, b) => (JSON.stringify(a.alarms) < JSON.stringify(b.alarms) ? -1 : 1))
}
