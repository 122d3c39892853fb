// What people can do. An action declares its label, when it is shown, who may use it, what it does and what it asks first. Buttons, menus and
// dialogs all lead to the same action.
import type { Draft } from '../incident/draft.ts'
import type { Incident } from '../incident/incident.ts'
import type { Person } from '../incident/person.ts'
import type { Remediations, Run } from '../incident/run.ts'
import type { Found } from '../remediate/runs.ts'
import type { Rules } from '../services/rules.ts'

/** `approvers`: those of the team whose service is acted on, else `slack.approvers`; if the config names nobody, any full member of the workspace. */
export type May = 'everybody' | 'approvers'

/** Who did it, and what they chose. */
export interface Click {
  who: Person
  choice?: string | undefined
}

interface Common {
  /** The color of its button; a plain one if unset. */
  style?: 'primary' | 'danger'
  may: May
  /** It only keeps something from happening: nobody is kept from it because Slack does not say who they are. */
  isSafe?: true
}

/**
 * Slack: 100 characters per title, 300 per text, 30 per button.
 * https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
 */
export interface Question {
  title: string
  text: string
  yes: string
  no: string
}

/** A modal that asks for the choice; submitting it is the same action with that choice. */
export interface Dialog {
  /** Id of the block whose value is the choice. */
  block: string
  view(incident: Incident, rules: Rules): Record<string, unknown>
}

export interface IncidentAction extends Common {
  on: 'incident'
  label: string
  shown(incident: Incident): boolean
  /** If set, a menu instead of a button: each choice with its label. */
  choices?: Readonly<Record<string, string>>
  dialog?: Dialog
  confirm?(incident: Incident): Question | undefined
  /** Returns what to tell the person if nothing was done. */
  act(draft: Draft, incident: Incident, click: Click): string | undefined
}

/** What decides on a run's buttons besides the run itself. */
export interface Standing {
  stopped: Remediations['stopped']
  /** The run is the newest of its incident. */
  isLast: boolean
}

export interface RunAction extends Common {
  on: 'run'
  label(run: Run): string
  shown(run: Run, standing: Standing): boolean
  confirm?(run: Run): Question | undefined
  /** A modal instead of acting at once; submitting it is the same action. */
  dialog?(shown: { incident: Incident; run: Run; rules: Rules }): Record<string, unknown> | undefined
  /** If set, a button for each of these instead; the choice is the id of the run, a blank, and this one's. */
  each?(run: Run): { id: string; label: string; question: Question }[]
  /** Returns what to tell the person if nothing was done. */
  act(draft: Draft, found: Found, click: Click): string | undefined
}

/** The one switch for all runbooks; its button is next to the newest run. */
export interface SwitchAction extends Common {
  on: 'all runs'
  label: string
  shown(run: Run, standing: Standing): boolean
  confirm?: Question
  /** Returns what to tell the person if nothing was done. */
  act(draft: Draft, incident: Incident, click: Click): string | undefined
}

export type Action = IncidentAction | RunAction | SwitchAction
