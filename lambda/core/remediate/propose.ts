// Which runbook fits an incident? Proposes what the config allows, and takes back what is no longer needed.
import { causesOf } from '../correlate/cause.ts'
import type { Config, RunbookRule } from '../services/config.ts'
import type { Draft } from '../incident/draft.ts'
import { isActive, type Incident } from '../incident/incident.ts'
import type { Rules } from '../services/rules.ts'
import { isOrdered, isPending, isUnderWay, type Run } from '../incident/run.ts'
import { editRun, firingOf, moveRun, remember, historyOf, type Found } from './runs.ts'
import { clock } from '../words/words.ts'

/** So often is the same runbook proposed again for one service in one incident, when its alarms come back. */
const MOST_PROPOSALS = 5
/** What was not needed is looked at again after this time, while the alarm fires. */
const AGAIN_MS = 300_000
/** An execution that did not begin in this time is started again, so often. */
export const RESTART_MS = 120_000
const MOST_ATTEMPTS = 5

/** Does what is due on every incident's runs. Doing it twice ends in the same. */
export function consider(draft: Draft, rules: Rules, now: number): void {
  for (const id of Object.keys(draft.board.incidents)) {
    for (const run of draft.get(id).runs ?? []) settle(draft, { incident: draft.get(id), run }, rules, now)
    if (canPropose(draft.get(id))) for (const rule of rules.config.runbooks) propose(draft, id, rule, rules, now)
  }
}

const canPropose = (incident: Incident): boolean => isActive(incident) && incident.status !== 'held'

function propose(draft: Draft, id: string, rule: RunbookRule, rules: Rules, now: number): void {
  const incident = draft.get(id)
  const service = serviceFor(incident, rule, rules)
  if (service === undefined) return
  const before = (incident.runs ?? []).filter((run) => run.runbook === rule.runbook && run.service === service)
  if (before.length >= MOST_PROPOSALS || !before.every((run) => comesAgainAt(run) <= now)) return
  const run: Run = {
    id: `${id}-${(incident.runs?.length ?? 0) + 1}`,
    runbook: rule.runbook,
    title: rule.about.title,
    service,
    mode: rule.mode,
    destructive: rule.about.destructive,
    status: 'looking',
    needed: rule.approvals,
    approvals: [],
    attempt: 1,
    orderedAt: now,
    steps: [],
    createdAt: now,
  }
  draft.edit(id).runs = [...(incident.runs ?? []), run]
}

/** What a person rejected, or what did not help, is not proposed once more in the same incident. */
const comesAgainAt = ({ status, endedAt }: Run): number =>
  status === 'withdrawn' || status === 'succeeded' ? (endedAt ?? 0) + AGAIN_MS : Infinity

/** The rule's own service, or the probable cause: never one that only suffers. */
function serviceFor(incident: Incident, { when, about }: RunbookRule, rules: Rules): string | undefined {
  const service = when.service ?? causesOf(incident, rules)[0]?.service
  if (service === undefined || firingOf(incident, service, when.signals).length === 0) return undefined
  const target = rules.service(service).target
  return target && about.needs.some((part) => target[part] !== undefined) ? service : undefined
}

/** The rule of the config that a run is of: one that names its service before one that names none. */
export function ruleOf({ runbook, service }: Run, { config }: Rules): RunbookRule | undefined {
  const fit = config.runbooks.filter((rule) => rule.runbook === runbook)
  return fit.find(({ when }) => when.service === service) ?? fit.find(({ when }) => when.service === undefined)
}

/** Signals that the run's rule names. */
export const signalsOf = (run: Run, rules: Rules): readonly string[] | undefined => ruleOf(run, rules)?.when.signals

function settle(draft: Draft, found: Found, rules: Rules, now: number): void {
  const { run, incident } = found
  if (isUnderWay(run)) {
    if ((run.deadline ?? Infinity) <= now) lose(draft, found, run.deadline!)
    return
  }
  if (!isPending(run)) return
  const recovered = whyNotNeeded(found, rules)
  if (recovered !== undefined) return withdraw(draft, found, recovered, now)
  if (run.status === 'proposed' && expiresAt(run, rules.config) <= now) {
    const expired = moveRun(draft, found, 'expire')!
    expired.why = 'nobody approved it in time'
    expired.endedAt = expiresAt(run, rules.config)
    draft.note(incident.id, expired.endedAt, 'withdrawn', `${run.title}: the proposal has expired, nobody approved it`)
  }
  if (isOrdered(run) && run.orderedAt + RESTART_MS <= now) restart(draft, found, now)
}

/** Nothing that it is for is left. */
export function whyNotNeeded({ run, incident }: Found, rules: Rules): string | undefined {
  if (!isActive(incident))
    return incident.resolved?.by ? `${incident.resolved.by.name} has resolved the incident` : 'the incident is over'
  if (firingOf(incident, run.service, signalsOf(run, rules)).length > 0) return undefined
  if (!Object.hasOwn(incident.services, run.service))
    return `${rules.titleOf(run.service)} is no part of the incident any more`
  return `the alarms of ${rules.titleOf(run.service)} have recovered${incident.quietSince === undefined ? '' : ` at ${clock(incident.quietSince, rules.config.timeZone)}`}`
}

export function withdraw(draft: Draft, found: Found, why: string, now: number): void {
  const run = moveRun(draft, found, 'withdraw')
  if (!run) return
  run.why = why
  run.endedAt = now
  // Looked at again and again while the alarm fires: told once.
  const earlier = found.incident.runs!.filter((one) => one.runbook === run.runbook && one.id !== run.id)
  if (found.run.status === 'looking' && earlier.at(-1)?.status === 'withdrawn') return
  draft.note(found.incident.id, now, 'withdrawn', `${run.title}: not run, ${why}`)
}

export const expiresAt = (run: Run, config: Config): number =>
  (run.proposedAt ?? run.createdAt) + config.remediation.expirySeconds * 1000

function restart(draft: Draft, found: Found, now: number): void {
  if (found.run.attempt >= MOST_ATTEMPTS) return withdraw(draft, found, 'it could not be started', now)
  const run = editRun(draft, found)
  run.attempt += 1
  run.orderedAt = now
}

/** Its execution is gone. What it did is in its steps; a person takes over. */
function lose(draft: Draft, found: Found, at: number): void {
  const run = moveRun(draft, found, 'fail')!
  run.why = 'it did not end in time: nobody knows how far its last step came'
  run.endedAt = at
  const record = historyOf(draft.board).find((one) => one.run === run.id)
  if (record) remember(draft, { ...record, endedAt: at, ok: false })
  draft.note(found.incident.id, at, 'handed over', `${run.title} is lost: ${run.why}. Please take over`)
}

const isLast = ({ runs = [] }: Incident, run: Run): boolean =>
  runs.length < MOST_PROPOSALS && runs.findLast(({ runbook }) => runbook === run.runbook) === run

/** Ms: when one of its runs wants a look; see `settle`. */
export function runsDue(incident: Incident, config: Config): number[] {
  return (incident.runs ?? []).flatMap((run) => {
    if (isOrdered(run)) return [run.orderedAt + RESTART_MS]
    if (run.status === 'proposed') return [expiresAt(run, config)]
    if (isUnderWay(run)) return run.deadline === undefined ? [] : [run.deadline]
    return isActive(incident) && comesAgainAt(run) < Infinity && isLast(incident, run) ? [comesAgainAt(run)] : []
  })
}
