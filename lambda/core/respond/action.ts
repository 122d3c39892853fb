// What people can do, and how it is written down: an action says its label, when it is shown, who may, what it does, and what it asks before. Buttons,
// menus and dialogs are entrances to the same action.
import type { Draft } from '../incident/draft.ts'
import type { Incident } from '../incident/incident.ts'
import type { Person } from '../incident/person.ts'
import type { Remediations, Run } from '../incident/run.ts'
import type { Found } from '../remediate/runs.ts'
import type { Rules } from '../services/rules.ts'

/** `approvers`: those whom the config names (`slack.approvers`); where it names nobody, everybody in the channel. */
export type May = 'everybody' | 'approvers'

/** Who did it, and what they chose. */
export interface Click {
  who: Person
  choice?: string | undefined
}

interface Common {
  /** The one color of its button; without it a plain one. */
  style?: 'primary' | 'danger'
  may: May
}

/** Slack: 100 characters a title, 300 a text, 30 a button. https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object */
export interface Question {
  title: string
  text: string
  yes: string
  no: string
}

/** A modal that asks for the choice; its answer is the same action with one. */
export interface Dialog {
  /** Id of the block whose value is the choice. */
  block: string
  view(incident: Incident, rules: Rules): Record<string, unknown>
}

export interface IncidentAction extends Common {
  on: 'incident'
  label: string
  shown(incident: Incident): boolean
  /** Made a menu by them: what is chosen, with its words. */
  choices?: Readonly<Record<string, string>>
  dialog?: Dialog
  /** Returns what to tell the person if nothing was done. */
  act(draft: Draft, incident: Incident, click: Click): string | undefined
}

/** Where a run's buttons stand. */
export interface Standing {
  stopped: Remediations['stopped']
  /** It is the newest of its incident. */
  isLast: boolean
}

export interface RunAction extends Common {
  on: 'run'
  label(run: Run): string
  shown(run: Run, standing: Standing): boolean
  confirm?(run: Run): Question | undefined
  /** Returns what to tell the person if nothing was done. */
  act(draft: Draft, found: Found, click: Click): string | undefined
}

/** The one switch for all runbooks; its button stands beside the newest run. */
export interface SwitchAction extends Common {
  on: 'all runs'
  label: string
  shown(run: Run, standing: Standing): boolean
  confirm?: Question
  /** Returns what to tell the person if nothing was done. */
  act(draft: Draft, incident: Incident, click: Click): string | undefined
}

export type Action = IncidentAction | RunAction | SwitchAction
