// Withdraws a run that is no longer needed, and says why.
import type { Draft } from '../incident/draft.ts'
import { isActive } from '../incident/incident.ts'
import type { Rules } from '../services/rules.ts'
import { clock } from '../words/words.ts'
import { signalsOf } from './propose.ts'
import { firingOf, moveRun, type Found } from './runs.ts'

export function whyNotNeeded({ run, incident }: Found, rules: Rules): string | undefined {
  if (!isActive(incident))
    return incident.resolved?.by ? `${incident.resolved.by.name} has resolved the incident` : 'the incident is over'
  if (firingOf(incident, run.service, signalsOf(run, rules)).length > 0) return undefined
  if (!Object.hasOwn(incident.services, run.service))
    return `${rules.titleOf(run.service)} is no longer part of the incident`
  const when = incident.quietSince === undefined ? '' : ` at ${clock(incident.quietSince, rules.config.timeZone)}`
  return `the alarms of ${rules.titleOf(run.service)} have recovered${when}`
}

export function withdraw(draft: Draft, found: Found, why: string): void {
  const run = moveRun(draft, found, 'withdraw')
  if (!run) return
  run.why = why
  run.endedAt = draft.now
  // While the alarm fires, the runbook looks again and again; this is told once.
  const earlier = found.incident.runs!.filter((one) => one.runbook === run.runbook && one.id !== run.id)
  if (found.run.status === 'looking' && earlier.at(-1)?.status === 'withdrawn') return
  const text = `${run.title}: not run, ${why}`
  draft.note(found.incident.id, { at: draft.now, kind: 'withdrawn', text, run: run.id })
}
