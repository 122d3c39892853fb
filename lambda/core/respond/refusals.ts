// What people are told when their click did nothing: somebody was faster, or it is over.
import type { Incident } from '../incident/incident.ts'
import type { Person } from '../incident/person.ts'
import { isUnderWay, type Run } from '../incident/run.ts'
import type { Rules } from '../services/rules.ts'
import { clock } from '../words/words.ts'

type Done = { by: Person; at: number }

export function already(what: string, first: Done | undefined, who: Person, rules: Rules): string {
  if (!first) return `It is ${what} already.`
  return `${first.by.id === who.id ? 'You have' : `${first.by.name} has`} ${what} it already, at ${clock(first.at, rules.config.timeZone)}.`
}

export function isOver({ id, status, resolved }: Incident, rules: Rules): string {
  if (!resolved) return `That cannot be done while ${id} is ${status}.`
  const when = clock(resolved.at, rules.config.timeZone)
  return resolved.by
    ? `${resolved.by.name} has resolved ${id} already, at ${when}.`
    : `${id} resolved by itself at ${when}.`
}

export function whereItIs(run: Run, rules: Rules): string {
  const zone = rules.config.timeZone
  const last = run.approvals.at(-1)
  if (run.status === 'looking') return `${run.title} is looking first: a moment, please.`
  if (run.status === 'approved' || isUnderWay(run))
    return last
      ? `${last.by.name} has approved it already, at ${clock(last.at, zone)}: it is under way.`
      : 'It is already running by itself.'
  const when = run.endedAt === undefined ? '' : ` at ${clock(run.endedAt, zone)}`
  return `Nothing was run: it ${ENDED[run.status] ?? run.status}${when}${run.why === undefined ? '' : `: ${run.why}`}.`
}

const ENDED: Partial<Record<Run['status'], string>> = {
  succeeded: 'has run already',
  failed: 'has run already and did not help',
  rejected: 'was rejected',
  expired: 'has expired',
  withdrawn: 'was withdrawn',
}
