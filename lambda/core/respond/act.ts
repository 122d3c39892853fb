// What does a click do? Applies a person's action to an incident, and says what that person is told if nothing was done.
import { incidentOf, type Board } from '../incident/board.ts'
import { draftOf, type Draft } from '../incident/draft.ts'
import type { Incident } from '../incident/incident.ts'
import type { Person } from '../incident/person.ts'
import type { Run } from '../incident/run.ts'
import type { Rules } from '../services/rules.ts'
import { takeOut } from '../notify/digest.ts'
import { approversOf, type Approvers } from '../services/teams.ts'
import type { RunAction, Click } from './action.ts'
import { ACTIONS, type ActionName } from './actions/index.ts'

/** What is asked for, whichever way it came in. */
export interface Ask {
  do: ActionName
  incident: string
  /** `snooze`: for how long. `unrelated`: which service. On a run: which one, and after a blank what of it; by default the newest proposed one, else the newest. */
  choice?: string
  /** When it was clicked, by Slack's clock, in µs; unset for what has no such time. */
  at?: number
}

/** Why somebody may not decide on a runbook: `key` of the config does not name them, or nobody is named and they are no full member of the workspace. */
export interface Denial {
  key: string
  anyMember?: boolean
  /** Why Slack does not tell whether they are. */
  unknown?: string
}

/** Returns what to tell only that person; undefined if it was done. */
export function act(
  draft: Draft,
  ask: Ask,
  { who, denied }: { who: Person; denied?: Denial | undefined },
): string | undefined {
  const incident = incidentOf(draft.board, ask.incident)
  if (!incident) return `${ask.incident} is not known here: it may be from before this table was made.`
  if (incident.status === 'merged')
    return `${incident.id} is part of ${incident.mergedInto!} now: please use the buttons there.`
  const action = ACTIONS[ask.do]
  if (denied !== undefined) return deny(draft, incident, who, denied)
  const stale = action.on === 'incident' ? whyStale(incident, ask, who) : undefined
  const click = { who, choice: ask.choice }
  // What a stale click would be told anyway says more; nothing is kept of what it would do.
  const on = stale === undefined ? draft : draftOf(draft.board, draft.rules, draft.now)
  const told = action.on === 'run' ? actOnRun(on, incident, action, click) : action.act(on, incident, click)
  if (stale !== undefined) return told ?? stale
  // What somebody acts on has a message of its own.
  if (told === undefined) {
    takeOut(draft, incident.id, `${who.name} acts on it`)
    if (ask.at !== undefined && draft.touched.has(incident.id))
      draft.edit(incident.id).clicked = { at: ask.at, by: who.name }
  }
  return told
}

/** A click that was sent again, or is older than what somebody has done since: whoever clicked saw another message. */
function whyStale({ id, clicked }: Incident, { at }: Ask, who: Person): string | undefined {
  if (at === undefined || clicked === undefined || at > clicked.at) return undefined
  return at === clicked.at
    ? `That click is done already: please look at ${id} as it is now.`
    : `${clicked.by === who.name ? 'You have' : `${clicked.by} has`} changed ${id} since you clicked: please look again.`
}

/** Which run is meant. */
export function runOf({ runs = [] }: Incident, choice: string | undefined): Run | undefined {
  if (choice !== undefined) return runs.find(({ id }) => id === choice || choice.startsWith(`${id} `))
  return runs.findLast(({ status }) => status === 'proposed') ?? runs.at(-1)
}

export interface Deciders {
  /** Whoever is in one of these may, and every full member of the workspace if one is empty. Unset: everybody may. */
  lists?: Approvers[]
  /** It only keeps something from happening. */
  isSafe: boolean
}

export function decidersOf(board: Board, ask: Ask, { config, teamOf }: Rules): Deciders {
  const action = ACTIONS[ask.do]
  const isSafe = action.isSafe === true
  if (action.may === 'everybody') return { isSafe }
  if (action.on === 'run') {
    const incident = incidentOf(board, ask.incident)
    const run = incident && runOf(incident, ask.choice)
    return { lists: [approversOf(run && teamOf(run.service), config)], isSafe }
  }
  // The switch is for the runbooks of all teams: whoever may decide on one of them.
  const services = Object.keys(config.services)
  const teams = new Set<string | undefined>(services.map((service) => teamOf(service)))
  const all = isSafe || teams.size === 0 ? [undefined, ...Object.keys(config.teams)] : [...teams]
  return { lists: all.map((team) => approversOf(team, config)), isSafe }
}

function actOnRun(draft: Draft, incident: Incident, action: RunAction, click: Click): string | undefined {
  const run = runOf(incident, click.choice)
  return run ? action.act(draft, { incident, run }, click) : `${incident.id} has no such runbook.`
}

/** Noted in the thread once, told to the person every time. */
function deny(
  draft: Draft,
  { id, denied = [] }: Incident,
  who: Person,
  { key, anyMember = false, unknown }: Denial,
): string {
  if (unknown !== undefined) return unknown
  if (!denied.includes(who.id)) {
    const only = anyMember ? 'full members of the workspace' : 'the approvers of the config'
    draft.edit(id).denied = [...denied, who.id]
    draft.note(id, {
      at: draft.now,
      kind: 'denied',
      text: `${who.name} may not decide on runbooks: only ${only} may`,
      who,
    })
  }
  return anyMember
    ? `Guests do not decide on runbooks, unless the config names them (${key}): please ask a full member of the workspace.`
    : `You are not among the approvers (${key} in the config): please ask one of them.`
}
