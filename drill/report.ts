// How a drill is reported: the published shape of `tocsin drill --json`.
import type { Entry } from '../lambda/core/incident/timeline.ts'
import type { Incident } from '../lambda/core/incident/incident.ts'
import { leftTexts } from '../lambda/core/incident/mitigated.ts'
import type { Run, RunStep } from '../lambda/core/incident/run.ts'
import { whyNotProposed } from '../lambda/core/remediate/propose.ts'
import { rulesOf, type Rules } from '../lambda/core/services/rules.ts'
import { everyIncident } from '../replay/incidents.ts'
import type { World } from '../replay/world.ts'
import { countMessages, type Messages } from './count.ts'
import type { Drill } from './drill.ts'

/** Times are ISO 8601, or null if it never happened. */
export interface Report {
  world: string
  mode: 'suggest' | 'auto'
  firstAlarmAt: string | null
  openedAt: string | null
  /** When the first message said what would be done; in auto, what is done. */
  proposedAt: string | null
  approvedAt: string | null
  /** When the steps of the first run that got this far were done. */
  actedAt: string | null
  /** Since when nothing in the world is amiss, whatever the alarms say. */
  healthyAt: string | null
  /** When nothing fired any more, and something was left to do. */
  mitigatedAt: string | null
  /** When the last incident resolved; null while something is left. */
  resolvedAt: string | null
  /** Both count from the first alarm. */
  secondsToProposal: number | null
  secondsToHealthy: number | null
  /** What people still have to do. */
  left: string[]
  /** Of incidents without a run: why each rule of the config proposed nothing. */
  notProposed: string[]
  messages: Messages
  runs: {
    runbook: string
    target: string
    status: string
    steps: { name: string; status: RunStep['status']; at: string }[]
  }[]
  slack: { posts: number; updates: number }
  timeline: { at: string; kind: string; text: string }[]
}

export async function reportOf(drill: Drill): Promise<Report> {
  const { options, watched, world, played, outside } = drill
  const startMs = Date.parse(world.plan.start)
  const msOf = (second: number | undefined): number | undefined =>
    second === undefined ? undefined : startMs + second * 1000
  const incidents = await incidentsOf(played)
  const rules = rulesOf(options.config)
  const runs = incidents.flatMap((incident) => incident.runs ?? []).sort((a, b) => a.createdAt - b.createdAt)
  const firstOf = (of: (run: Run) => number | undefined): number | undefined => least(runs.map(of))
  const firstAlarm = msOf(watched.firstAlarm)
  const proposed = firstOf((run) => run.proposedAt ?? run.plan?.at)
  const healthy = watched.wasIll ? msOf(watched.healthySince) : undefined
  const isOver = incidents.length > 0 && incidents.every(({ resolved }) => resolved)
  const after = (at: number | undefined): number | null =>
    at === undefined || firstAlarm === undefined ? null : Math.max(0, Math.round((at - firstAlarm) / 1000))
  return {
    world: options.name,
    mode: options.config.runbooks.some(({ mode }) => mode === 'suggest') ? 'suggest' : 'auto',
    firstAlarmAt: iso(firstAlarm),
    openedAt: iso(least(incidents.map(({ openedAt }) => openedAt))),
    proposedAt: iso(proposed),
    approvedAt: iso(firstOf((run) => run.approvedAt)),
    actedAt: iso(firstOf((run) => run.actedAt)),
    healthyAt: iso(healthy),
    mitigatedAt: iso(least(incidents.flatMap(({ mitigated }) => mitigated?.at ?? []))),
    resolvedAt: isOver ? iso(Math.max(...incidents.map(({ resolved }) => resolved!.at))) : null,
    secondsToProposal: after(proposed),
    secondsToHealthy: after(healthy),
    left: incidents.flatMap((incident) => leftTexts(incident)),
    notProposed: incidents.flatMap((incident) => notProposed(incident, rules)),
    messages: countMessages(world, outside.evidence.objects.values()),
    runs: runs.map(({ runbook, service, lock, status, steps }) => ({
      runbook,
      target: lock ?? service,
      status,
      steps: steps.map(({ name, status, at }) => ({ name, status, at: iso(at)! })),
    })),
    slack: { posts: played.chat.counts.posts, updates: played.chat.counts.updates },
    timeline: timeline(drill, incidents, msOf),
  }
}

function notProposed(incident: Incident, rules: Rules): string[] {
  const { runbooks } = rules.config
  if (incident.runs?.length) return []
  if (runbooks.length === 0) return [`${incident.id}: the config has no runbooks`]
  return runbooks.flatMap((rule, place) => {
    const why = whyNotProposed(incident, rule, rules)
    return why === undefined ? [] : [`${incident.id}: ${rule.runbook} (runbooks[${place}]): ${why}`]
  })
}

export const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString())

function least(times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Incidents on the board and those that have left it; a merged one is covered by the one it went into. */
export async function incidentsOf(played: World): Promise<Incident[]> {
  const found = await everyIncident(played.table, played.runtime.table)
  return [...found.values()].filter(({ status }) => status !== 'merged').sort((a, b) => a.openedAt - b.openedAt)
}

const STATES: Record<string, string> = { ALARM: 'fires', OK: 'recovers', INSUFFICIENT_DATA: 'has no data' }

function timeline(
  { world, watched }: Drill,
  incidents: readonly Incident[],
  msOf: (second: number) => number | undefined,
): Report['timeline'] {
  const entries: { at: number; kind: string; text: string }[] = [
    ...world.story.map(({ at, text }) => ({ at: msOf(at)!, kind: 'world', text })),
    ...watched.alarms.map(({ second, name, state }) => ({
      at: msOf(second)!,
      kind: 'alarm',
      text: `${name} ${STATES[state]!}`,
    })),
  ]
  for (const incident of incidents) {
    const told: Entry[] = incident.timeline
    entries.push(...told.map(({ at, kind, text }) => ({ at, kind, text: `${incident.id}: ${text}` })))
  }
  return entries.sort((a, b) => a.at - b.at).map(({ at, kind, text }) => ({ at: iso(at)!, kind, text }))
}
