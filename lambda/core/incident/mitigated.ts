// Relief is not the end: nothing fires any more, and what a fix has left to do keeps the incident open until it is done.
import type { Clock, Due } from '../due/clock.ts'
import type { Draft } from './draft.ts'
import { isActive, type Incident } from './incident.ts'
import { isUnderWay, type Leftover, type Run } from './run.ts'

/** In the order of the runs that left it. */
export const leftIn = ({ runs = [] }: Pick<Incident, 'runs'>): { run: Run; item: Leftover }[] =>
  runs.flatMap((run) => (run.left?.items ?? []).map((item) => ({ run, item })))

/** It is relieved, and something is left to do. */
export const isMitigated = ({ mitigated }: Pick<Incident, 'mitigated'>): boolean =>
  mitigated !== undefined && mitigated.until === undefined

/** How often whoever approved is reminded of what is left. */
const REMINDED_MS = 4 * 3_600_000

export const mitigation: Clock = (incident) => {
  const due = dueFor(incident)
  return due ? [due] : []
}

function dueFor(incident: Incident): Due | undefined {
  const { id, mitigated, firing, runs = [] } = incident
  const isLeft = leftIn(incident).length > 0
  if (!isMitigated(incident))
    return isLeft && firing === 0 && !runs.some(isUnderWay) ? { act: (draft) => begin(draft, id) } : undefined
  if (firing > 0) return { act: (draft) => openAgain(draft, id) }
  if (!isLeft) return { act: (draft) => end(draft, id) }
  const at = (mitigated!.remindedAt ?? mitigated!.at) + REMINDED_MS
  return { at, act: (draft) => remind(draft, id, at) }
}

function begin(draft: Draft, id: string): void {
  const incident = draft.edit(id)
  incident.mitigated = { at: draft.now }
  draft.note(id, { at: draft.now, kind: 'mitigated', text: `Mitigated, not over. Left to do: ${leftWords(incident)}` })
}

/** Whoever was on it may be asleep by now: it waits for somebody anew. */
function openAgain(draft: Draft, id: string): void {
  draft.move(id, 'unacknowledge', draft.now)
  const incident = draft.edit(id)
  delete incident.mitigated
  delete incident.acknowledged
  delete incident.snoozed
  draft.note(id, { at: draft.now, kind: 'reopened', text: 'Open again: an alarm fires, and the fix has not held' })
}

function end(draft: Draft, id: string): void {
  const incident = draft.edit(id)
  incident.mitigated = { ...incident.mitigated!, until: draft.now }
  draft.note(id, { at: draft.now, kind: 'left nothing', text: 'Nothing is left to do' })
}

function remind(draft: Draft, id: string, at: number): void {
  const incident = draft.edit(id)
  incident.mitigated = { ...incident.mitigated!, remindedAt: at }
  draft.note(id, { at, kind: 'reminded', text: `Still left to do: ${leftWords(incident)}` })
}

/** Each thing once: two runs may leave the same. */
export const leftTexts = (incident: Pick<Incident, 'runs'>): string[] => [
  ...new Set(leftIn(incident).map(({ item }) => item.text)),
]

export const leftWords = (incident: Pick<Incident, 'runs'>): string => leftTexts(incident).join('; ')

/** Who approved what has left something to do. Empty where it ran by itself. */
export const approversOfLeft = (incident: Incident): string[] =>
  isActive(incident) ? [...new Set(leftIn(incident).flatMap(({ run }) => run.approvals.map(({ by }) => by.id)))] : []
