// Which runbook fits an incident? Proposes what the config allows, and proposes it again when its alarms come back.
import { causesOf } from '../correlate/cause.ts'
import type { Clock } from '../due/clock.ts'
import type { Draft } from '../incident/draft.ts'
import type { Incident } from '../incident/incident.ts'
import { isLost, stampOf, type Run } from '../incident/run.ts'
import type { RunbookRule } from '../services/config.ts'
import type { Rules } from '../services/rules.ts'
import { hasNeeded, needed } from './needs.ts'
import { firingOf } from './runs.ts'
import { enumerate } from '../words/words.ts'

/** At most how often the same runbook is proposed for one service in one incident. */
const MOST_PROPOSALS = 5
/** A runbook that was withdrawn or succeeded is proposed again after this time, if the alarm fires. */
const AGAIN_MS = 300_000

export const proposals: Clock = (incident, { rules }) =>
  incident.status === 'held' || incident.runs?.some(isLost)
    ? []
    : rules.config.runbooks.flatMap((rule) => proposalOf(incident, rule, rules))

function proposalOf(incident: Incident, rule: RunbookRule, rules: Rules): ReturnType<Clock> {
  const service = serviceFor(incident, rule, rules)
  if (service === undefined) return []
  const before = (incident.runs ?? []).filter((run) => run.runbook === rule.runbook && run.service === service)
  const again = Math.max(...before.map(comesAgainAt))
  if (before.length >= MOST_PROPOSALS || again === Infinity) return []
  const act = (draft: Draft): void => propose(draft, incident.id, service, rule)
  return [before.length > 0 ? { at: again, act } : { act }]
}

/** What was rejected, expired or failed is not proposed again in the same incident. */
const comesAgainAt = ({ status, endedAt }: Run): number =>
  status === 'withdrawn' || status === 'succeeded' ? (endedAt ?? 0) + AGAIN_MS : Infinity

function propose(draft: Draft, id: string, service: string, rule: RunbookRule): void {
  const incident = draft.edit(id)
  const run: Run = {
    id: `${id}-${(incident.runs?.length ?? 0) + 1}`,
    stamp: stampOf(draft.now),
    runbook: rule.runbook,
    title: rule.about.title,
    service,
    mode: rule.mode,
    destructive: rule.about.destructive,
    status: 'looking',
    needed: rule.approvals,
    approvals: [],
    attempt: 1,
    orderedAt: draft.now,
    steps: [],
    createdAt: draft.now,
  }
  incident.runs = [...(incident.runs ?? []), run]
}

/** The rule's own service, or the probable cause: never one that only shows symptoms. */
function serviceFor(incident: Incident, { when, about }: RunbookRule, rules: Rules): string | undefined {
  const service = when.service ?? causesOf(incident, rules)[0]?.service
  if (service === undefined || firingOf(incident, service, when.signals).length === 0) return undefined
  return hasNeeded(rules.service(service).target, about.needs) ? service : undefined
}

/** Why the rule proposed nothing in the incident, whatever of it still fires; undefined if it did. */
export function whyNotProposed(
  incident: Incident,
  { runbook, when, about: { needs } }: RunbookRule,
  rules: Rules,
): string | undefined {
  const cause = incident.cause ?? causesOf(incident, rules)[0]!.service
  const service = when.service ?? cause
  if (incident.runs?.some((run) => run.runbook === runbook && run.service === service)) return undefined
  const fired = Object.keys(incident.services[service] ?? {})
  if (fired.length === 0)
    return `it is for ${service} (when.service), and what fired is of ${enumerate(Object.keys(incident.services))}`
  const { signals = fired } = when
  if (!fired.some((signal) => signals.includes(signal)))
    return `it answers alarms about ${enumerate(signals, 8)}, and those of ${service} are about ${enumerate(fired, 8)}`
  if (!hasNeeded(rules.service(service).target, needs))
    return `it needs ${needed(needs)}, and ${service}${when.service === undefined ? ', the probable cause,' : ''} has none`
  return `while ${service} fired, the incident was held back, or something else was its probable cause`
}

/** The config's rule for a run: one that names its service goes before one that names none. */
export function ruleOf({ runbook, service }: Run, { config }: Rules): RunbookRule | undefined {
  const fit = config.runbooks.filter((rule) => rule.runbook === runbook)
  return fit.find(({ when }) => when.service === service) ?? fit.find(({ when }) => when.service === undefined)
}

/** The signals that the run's rule names. */
export const signalsOf = (run: Run, rules: Rules): readonly string[] | undefined => ruleOf(run, rules)?.when.signals
