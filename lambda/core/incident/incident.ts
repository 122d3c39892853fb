// The shape of an incident, and helpers that read it.
import { SEVERITIES, type Severity, type Signal } from '../facts/signals.ts'
import type { Run } from './run.ts'
import type { Person } from './person.ts'
import type { KeptByOld } from '../notify/ledger.ts'
import type { Entry } from './timeline.ts'
import type { Status } from './status.ts'

/** What is known about one service's alarms for one signal. Times in ms, `excess` as in `excessOf`. */
export interface Tally {
  firing: number
  total: number
  /** How many of them there are no more. */
  deleted?: number
  from: number
  excess: number
  /** Key of the alarm that fired first: the one to show. */
  lead: string
  /** Of what is neither a shortage nor a fault: what its lead says, for the title. */
  words?: string
  /** All of its alarms sum up others. */
  sumsUp?: true
  /** The worst that the config says of its alarms. */
  said?: Severity
  /** All of them have a severity by the config; unset: at least one has not. */
  isSaid?: true
}

export type Member = Partial<Record<Signal, Tally>>

export interface Incident {
  id: string
  status: Status
  severity: Severity
  /** When it opened, by the clock of its first alarm. */
  openedAt: number
  /** First and last change among its alarms. */
  firstAt: number
  lastAt: number
  /** Members by service. */
  services: Record<string, Member>
  /** How many alarms are firing now. */
  firing: number
  /** The latest recovery of any of its alarms; unset when a person reopens it, until the next change. */
  quietSince?: number
  acknowledged?: { by: Person; at: number }
  snoozed?: { by: Person; at: number; until: number }
  resolved?: { by?: Person; at: number }
  /** Nothing fires, and a fix leaves something to do. `until`: when nothing was left any more; `remindedAt`: when whoever approved was told last. */
  mitigated?: { at: number; until?: number; remindedAt?: number }
  heldUntil?: number
  /** Flapping alarms by key, and when each counts as steady if it does not change again. */
  flapping?: Record<string, { name: string; until: number }>
  /** When an alarm last reopened it by firing after it had resolved. */
  refiredAt?: number
  /** When the last flapping alarm became steady again. */
  steadyAt?: number
  /** Services that a person marked as not related, and the incident each one went to. */
  unrelated?: Record<string, string>
  /** The latest click that changed it: when, by Slack's clock, in µs, and whose it was. */
  clicked?: { at: number; by: string }
  mergedInto?: string
  /** Ids of people who were told that they may not decide on runbooks. */
  denied?: string[]
  /** Runs proposed or started for it, in order. */
  runs?: Run[]
  /** Since when nobody has been on it: the escalation counts from here. */
  waitingSince: number
  /** How many escalation steps have been told since then. */
  escalated: number
  /** The service ranked first as its probable cause. */
  cause?: string
  /** The entries after the first `filed`, which are stored as items of their own. */
  timeline: Entry[]
  filed: number
  /** The number of the newest entry that is told at once, counted from 1; unset if there is none. */
  news?: number
  /** That of the newest entry that calls somebody. */
  called?: number
  /** The team in whose channel it lives; unset if nobody owned its cause when it was raised. */
  team?: string
  /** When the probable cause last moved to another team's service, in ms; unset if it never did. */
  causeAt?: number
  /** Teams that were called because the cause is theirs, each where it was told, and the number of the entry that says so. */
  calls?: { team: string; place: string; entry: number }[]
  /** Places that refuse every message, and why: the common channel stands in for them. */
  refusing?: Record<string, string>
  /** Goes up with every visible change. */
  change: number
  /** Where it is shown, as the config writes a channel; the first is its home. Empty until it is raised. Unset by versions up to 0.1.0. */
  places?: string[]
  /** The number of the digest that it is told in, instead of a message of its own. */
  digest?: number
  /** What versions up to 0.1.0 had shown in Slack. */
  slack?: KeptByOld
}

/** The number of the newest entry that calls a team there; 0 if none does. */
export const newestCall = (calls: Incident['calls'] = [], there: string): number =>
  Math.max(0, ...calls.map(({ place, entry }) => (place === there ? entry : 0)))

export const isActive = ({ status }: Pick<Incident, 'status'>): boolean => status !== 'resolved' && status !== 'merged'

/** When every alarm that flaps, or did, is steady; 0 if none ever flapped. */
export const steadyFrom = ({ steadyAt, flapping }: Incident): number =>
  Math.max(steadyAt ?? 0, ...Object.values(flapping ?? {}).map(({ until }) => until))

/** Whether all that fired of a service sums up other alarms: it is no service that something is wrong with. */
export const isSummary = (member: Member): boolean => Object.values(member).every(({ sumsUp }) => sumsUp === true)

/** The services that something is wrong with; all, if nothing but summaries fires. */
export function servicesOf({ services }: Pick<Incident, 'services'>): string[] {
  const all = Object.keys(services)
  const real = all.filter((id) => !isSummary(services[id]!))
  return real.length > 0 ? real : all
}

/** The worse of both. */
export const worst = (a: Severity | undefined, b: Severity | undefined): Severity =>
  SEVERITIES[Math.max(SEVERITIES.indexOf(a!), SEVERITIES.indexOf(b!))]!

const deletedOf = (deleted: number): Pick<Tally, 'deleted'> => (deleted > 0 ? { deleted } : {})

/** How many of its alarms there are no more. */
export const deletedIn = ({ services }: Pick<Incident, 'services'>): number =>
  Object.values(services)
    .flatMap((member) => Object.values(member))
    .reduce((sum, { deleted = 0 }) => sum + deleted, 0)

export function combine(a: Tally, b: Tally): Tally {
  const first = a.from < b.from || (a.from === b.from && a.lead <= b.lead) ? a : b
  return {
    firing: a.firing + b.firing,
    total: a.total + b.total,
    ...deletedOf((a.deleted ?? 0) + (b.deleted ?? 0)),
    from: first.from,
    excess: Math.max(a.excess, b.excess),
    lead: first.lead,
    ...(first.words !== undefined && { words: first.words }),
    ...(a.said !== undefined || b.said !== undefined ? { said: worst(a.said, b.said) } : {}),
    ...(a.sumsUp && b.sumsUp && { sumsUp: true as const }),
    ...(a.isSaid && b.isSaid && { isSaid: true as const }),
  }
}
