// Replay: recorded alarm messages through the real stages, in memory and on a virtual clock; what would have happened.
import { since, stateOfAlarm, type Alarm } from '../lambda/core/incident/alarm.ts'
import { INTAKE } from '../lambda/core/facts/queues.ts'
import { causesOf } from '../lambda/core/correlate/cause.ts'
import type { Config } from '../lambda/core/services/config.ts'
import { isActive, type Incident } from '../lambda/core/incident/incident.ts'
import { leftTexts } from '../lambda/core/incident/mitigated.ts'
import type { EntryKind } from '../lambda/core/incident/timeline.ts'
import { read } from '../lambda/core/intake/envelopes.ts'
import { ONLY_REPLAYED } from './would-run.ts'
import { titleOf } from '../lambda/core/notify/slack/title.ts'
import { own } from '../lambda/core/words/words.ts'
import type { Runtime } from '../lambda/ports/runtime.ts'
import type { ActionName } from '../lambda/core/respond/actions/index.ts'
import type { Result } from '../lambda/stages/intake.ts'
import { readBoard, readIncident } from '../lambda/store/board.ts'
import type { Told } from '../lambda/core/notify/ledger.ts'
import type { Shown } from './memory.ts'
import { everyIncident } from './incidents.ts'
import { rulesOf, type Home } from '../lambda/core/services/rules.ts'
import { BY_DEFAULT } from '../lambda/core/services/ignored.ts'
import { plural } from '../lambda/core/words/words.ts'
import { world, type World } from './world.ts'

/** A click during the replay. Without `incident`: on the newest that is open then. */
export interface Click {
  at: number
  user: string
  action: ActionName
  incident?: string
  choice?: string
}

/** The published shape of `tocsin replay --json`. Times are ISO 8601; lines count from 1. */
export interface Story {
  accepted: number
  ignored: { line: number; reason: string }[]
  unreadable: { line: number; reason: string }[]
  incidents: {
    id: string
    title: string
    status: string
    severity: string
    openedAt: string
    acknowledgedAt: string | null
    mitigatedAt: string | null
    resolvedAt: string | null
    services: string[]
    /** The owner of its home; null without one. */
    team: string | null
    alarms: { name: string; service: string; signal: string; state: string; since: string }[]
    causes: { service: string; score: number; evidence: string[] }[]
    runbooks: { runbook: string; mode: string; status: string }[]
    timeline: { at: string; kind: EntryKind; text: string }[]
    /** What a person still has to do. */
    left: string[]
  }[]
  slack: Counts & {
    perIncident: Record<string, Counts>
    /** By channel, as the config writes it. */
    perChannel: Record<string, Counts>
    /** Who was called, in order: `who` is the id as Slack gets it. `incident`: null if it was for all of a digest. */
    mentions: { at: string; who: string; incident: string | null }[]
  }
  /** What people should know about the replay itself. */
  notes: string[]
  alarmToIncident: Record<string, string>
}

type Counts = { posts: number; updates: number; threadReplies: number }

const NOTHING: Counts = { posts: 0, updates: 0, threadReplies: 0 }

const NO_TIME = Number.MAX_SAFE_INTEGER

/** A message is an object as intake gets it after parsing, or a string: the raw message body. */
export async function replay(
  config: Config,
  messages: readonly { line: number; message: unknown }[],
  clicks: readonly Click[] = [],
  process?: (runtime: Runtime) => Runtime,
): Promise<{ story: Story; world: World; missed: Click[] }> {
  const missed: Click[] = []
  const lines = messages.map(({ line, message }) => ({
    id: String(line),
    body: typeof message === 'string' ? message : (JSON.stringify(message) ?? 'null'),
    at: timeOf(message),
  }))
  const first = lines.find(({ at }) => at !== undefined)?.at ?? clicks[0]?.at ?? 0
  const rules = rulesOf(config, homeOf(messages))
  const inPlace = (runtime: Runtime): Runtime => (process ?? same)({ ...runtime, rules })
  const played = world(config, Math.min(first, ...clicks.map(({ at }) => at)), inPlace)
  const results: Result[] = []

  let now = first
  for (let i = 0; i < lines.length;) {
    now = Math.max(now, lines[i]!.at ?? now)
    const batch = [lines[i++]!]
    while (i < lines.length && batch.length < INTAKE.batch && Math.max(now, lines[i]!.at ?? now) === now)
      batch.push(lines[i++]!)
    played.clock.at(now, async () => void results.push(...(await played.deliver(batch))))
  }
  for (const click of clicks)
    played.clock.at(click.at, async () => {
      if (!(await press(played, click))) missed.push(click)
    })
  await played.clock.run()
  return { story: await tellStory(played, results), world: played, missed }
}

const same = (runtime: Runtime): Runtime => runtime

/** Where the first alarm is. */
function homeOf(messages: readonly { message: unknown }[]): Home {
  for (const { message } of messages) {
    const reading = read(message, NO_TIME)
    if (reading.is === 'alarm') {
      const { account, alarmAccount, region } = reading.change
      return { account: alarmAccount ?? account, region, trustsAll: true }
    }
  }
  return {}
}

function timeOf(message: unknown): number | undefined {
  const reading = read(message, NO_TIME)
  return reading.is === 'alarm' && reading.change.at !== NO_TIME ? reading.change.at : undefined
}

/** False if there is no such incident at that time. */
async function press(played: World, { user, action, incident, choice }: Click): Promise<boolean> {
  const { incidents } = await readBoard(played.runtime.table)
  const newest = Object.values(incidents)
    .filter((i) => (action === 'reopen' ? i.status === 'resolved' : isActive(i)))
    .at(-1)
  const id = incident ?? newest?.id
  if (id === undefined || !(own(incidents, id) ?? (await readIncident(played.runtime.table, id)))) return false
  const picked = choice ?? (action === 'snooze' ? '1h' : undefined)
  await played.click(
    { do: action, incident: id, ...(picked !== undefined && { choice: picked }) },
    { id: user, name: user },
  )
  return true
}

export async function tellStory(played: World, results: readonly Result[]): Promise<Story> {
  const { incidents, alarms } = await gather(played)
  const home = (id: string, service?: string): string => {
    const incident = incidents.get(id)
    const next = (service === undefined ? undefined : own(incident?.unrelated, service)) ?? incident?.mergedInto
    return next === undefined || next === id ? id : home(next, service)
  }
  const homes = new Map(
    alarms.map((alarm) => [alarm.key, alarm.incident === undefined ? undefined : home(alarm.incident, alarm.service)]),
  )
  const alarmToIncident: Record<string, string> = {}
  const ignored: Story['ignored'] = []
  const unreadable: Story['unreadable'] = []
  for (const { id, fate } of [...results].sort((a, b) => Number(a.id) - Number(b.id))) {
    if ('incident' in fate) alarmToIncident[id] = home(fate.incident)
    else if ('ignored' in fate) ignored.push({ line: Number(id), reason: fate.ignored })
    else unreadable.push({ line: Number(id), reason: fate.unreadable })
  }
  const kept = [...incidents.values()]
    .filter(({ status }) => status !== 'merged')
    .sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1))
  const told: Story['incidents'] = []
  for (const incident of kept) {
    const members = alarms.filter(({ key }) => homes.get(key) === incident.id)
    told.push(outline(incident, members, played))
  }
  return {
    accepted: Object.keys(alarmToIncident).length,
    ignored,
    unreadable,
    incidents: told,
    slack: slackOf(played, kept),
    notes: notesOf(ignored),
    alarmToIncident,
  }
}

function notesOf(ignored: Story['ignored']): string[] {
  const byDefault = ignored.filter(({ reason }) => reason.startsWith(BY_DEFAULT)).length
  return byDefault === 0
    ? []
    : [
        `ignored by default: ${plural(byDefault, 'message')} of alarms that only scale (target tracking); ignoreTargetTracking: false in the config takes them in`,
      ]
}

/** The board, what has left it, and every alarm's record. */
async function gather(played: World): Promise<{ incidents: Map<string, Incident>; alarms: Alarm[] }> {
  const alarms: Alarm[] = []
  for (const { sk, body } of played.table.items()) if (sk === 'ALARM') alarms.push(JSON.parse(body) as Alarm)
  return { incidents: await everyIncident(played.table, played.runtime.table), alarms }
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString())

function outline(incident: Incident, alarms: Alarm[], { runtime: { rules } }: World): Story['incidents'][number] {
  const causes = causesOf(incident, rules)
  return {
    id: incident.id,
    title: titleOf(incident, causes, rules),
    status: incident.status,
    severity: incident.severity,
    openedAt: iso(incident.openedAt)!,
    acknowledgedAt: iso(incident.acknowledged?.at),
    mitigatedAt: iso(incident.mitigated?.at),
    resolvedAt: iso(incident.resolved?.at),
    services: Object.keys(incident.services).sort(),
    team: incident.team !== undefined && Object.hasOwn(rules.config.teams, incident.team) ? incident.team : null,
    alarms: alarms
      .map((alarm) => ({
        name: alarm.name,
        service: alarm.service,
        signal: alarm.signal,
        state: stateOfAlarm(alarm),
        since: iso(since(alarm.changes))!,
      }))
      .sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : a.name < b.name ? -1 : 1)),
    causes,
    runbooks: (incident.runs ?? []).map(({ runbook, mode, status, why }) => ({
      runbook,
      mode,
      status: why === ONLY_REPLAYED ? 'would have run' : status,
    })),
    timeline: incident.timeline.map(({ at, kind, text }) => ({ at: iso(at)!, kind, text })),
    left: leftTexts(incident),
  }
}

/** By the reference of its message: one that was passed on belongs to the incident that goes on. */
function incidentsByRef({ table }: Pick<World, 'table'>): Map<string, string> {
  const found = new Map<string, string>()
  for (const { pk, sk, body } of table.items()) {
    const of = sk.startsWith('OPEN#')
      ? sk.slice('OPEN#'.length)
      : sk.startsWith('TOLD#')
        ? pk.slice('INCIDENT#'.length)
        : ''
    const { ref } = of.startsWith('INC-') ? (JSON.parse(body) as Told) : {}
    if (ref !== undefined) found.set(ref, of)
  }
  return found
}

export interface Posted extends Shown {
  /** Undefined if it stands in no incident. */
  incident: string | undefined
}

/** Every message and reply, in order, with the incident that it is about in the end. */
export function postedIn(played: World): Posted[] {
  const byRef = incidentsByRef(played)
  const { messages } = played.chat
  return [...messages].map(([ref, shown]) => {
    const tagged = shown.tag.startsWith('INC-') ? shown.tag.split('/')[0] : undefined
    const parent = shown.threadTs === undefined ? ref : `${shown.channel}/${shown.threadTs}`
    return { ...shown, incident: tagged && (byRef.get(parent) ?? tagged) }
  })
}

function slackOf(played: World, incidents: readonly Incident[]): Story['slack'] {
  const perIncident: Record<string, Counts> = Object.fromEntries(incidents.map(({ id }) => [id, { ...NOTHING }]))
  const perChannel: Record<string, Counts> = {}
  const mentions: Story['slack']['mentions'] = []
  for (const { incident, at, channel, threadTs, edits, mentions: called } of postedIn(played)) {
    const counted = [(perChannel[channel] ??= { ...NOTHING })]
    if (incident !== undefined) counted.push((perIncident[incident] ??= { ...NOTHING }))
    for (const counts of counted) {
      counts[threadTs === undefined ? 'posts' : 'threadReplies']++
      counts.updates += edits.length
    }
    for (const who of called) mentions.push({ at: iso(at)!, who, incident: incident ?? null })
  }
  const { refused: _, ...counts } = played.chat.counts
  return { ...counts, perIncident, perChannel, mentions }
}
