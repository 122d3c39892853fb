// What does a click do? Applies a person's action to an incident, and says what that person is told if nothing was done.
import { incidentOf } from '../incident/board.ts'
import type { Draft } from '../incident/draft.ts'
import type { Incident } from '../incident/incident.ts'
import type { Person } from '../incident/person.ts'
import type { RunAction, Click } from './action.ts'
import { ACTIONS, type ActionName } from './actions/index.ts'

/** What is asked for, whichever way it came in. */
export interface Ask {
  do: ActionName
  incident: string
  /** `snooze`: for how long. `unrelated`: which service. On a run: which one; by default the newest proposed one, else the newest. */
  choice?: string
}

/** `isApprover`: whether this person may decide on runbooks. Returns what to tell only that person; undefined if it was done. */
export function act(
  draft: Draft,
  ask: Ask,
  { who, isApprover }: { who: Person; isApprover: boolean },
): string | undefined {
  const incident = incidentOf(draft.board, ask.incident)
  if (!incident) return `${ask.incident} is not known here: it may be from before this table was made.`
  if (incident.status === 'merged')
    return `${incident.id} is part of ${incident.mergedInto!} now: please use the buttons there.`
  const action = ACTIONS[ask.do]
  if (action.may === 'approvers' && !isApprover) return deny(draft, incident, who)
  const click = { who, choice: ask.choice }
  return action.on === 'run' ? actOnRun(draft, incident, action, click) : action.act(draft, incident, click)
}

function actOnRun(draft: Draft, incident: Incident, action: RunAction, click: Click): string | undefined {
  const runs = incident.runs ?? []
  const run =
    click.choice === undefined
      ? (runs.findLast(({ status }) => status === 'proposed') ?? runs.at(-1))
      : runs.find(({ id }) => id === click.choice)
  return run ? action.act(draft, { incident, run }, click) : `${incident.id} has no such runbook.`
}

/** Noted in the thread once, told to the person every time. */
function deny(draft: Draft, { id, denied = [] }: Incident, who: Person): string {
  const text = `${who.name} may not decide on runbooks: only the approvers of the config may`
  if (!denied.includes(who.id)) {
    draft.edit(id).denied = [...denied, who.id]
    draft.note(id, { at: draft.now, kind: 'denied', text, who })
  }
  return 'You are not among the approvers (slack.approvers in the config): please ask one of them.'
}
