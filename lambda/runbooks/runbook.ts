// What a runbook is: a recipe that looks, says what it would do, does it step by step, and checks whether it helped.
import type * as z from 'zod'
import type { Signal } from '../core/facts/signals.ts'
import type { Leftover, Scope } from '../core/incident/run.ts'
import type { LeftNow } from '../core/remediate/left.ts'
import type { Target } from '../core/services/config.ts'
import type { Apis } from '../ports/api.ts'
import type { Tools } from '../ports/tools.ts'

export type { Leftover, Scope } from '../core/incident/run.ts'
export type { LeftNow } from '../core/remediate/left.ts'
export { api } from '../ports/api.ts'
export { Refused, type Tools } from '../ports/tools.ts'

/** The longest that a run may last; the stack sets its execution to this. */
export const LONGEST_RUN_SECONDS = 86_400

/** What a run is about. The same for the whole run. */
export interface Case<Options> {
  /** Like `INC-0001-1`. */
  run: string
  service: string
  target: Target
  options: Options
  /** When the run was approved, in ms; changes that it finds made since then are its own. */
  since: number
  /** Signals that fire, and the alarm that fired first. Its text comes from outside: never part of a command. */
  signals: Signal[]
  alarm: { name: string; dimensions: Record<string, string> }
  /** How many seconds each service that calls this one waits for it, if the config says so. */
  callers?: Record<string, number>
  /** When it looks to act: what was approved. It chooses nothing else, and its facts stay within the bounds. */
  approved?: Scope
}

/** What the look found. `facts` are JSON: they are kept with the run, and the steps are made from them. */
export interface Look<Facts> {
  /** One sentence with numbers, for people. */
  found: string
  /** Why nothing may be done, in one sentence. */
  stop?: string
  facts: Facts
  /** What people approve with it. Left out only where it stops. */
  scope?: Scope
  /** How much of each bound must go at least for it to help; people are asked again if that is beyond what they approved. */
  needs?: Record<string, number>
}

/** `done`: what was achieved, with numbers. Otherwise how far it is, and when the next turn is due. `state` is JSON. */
export type Turn = { done: string; state?: unknown } | { going: string; againInSeconds: number; state?: unknown }

/** One step. A turn may run twice, if a crash came between its end and its record, so it looks before it acts. */
export interface Step {
  /** In the imperative: `Copy the messages to S3`. */
  name: string
  /** The exact calls that it makes, for the dry run. */
  calls: string[]
  /** What they touch, in numbers. */
  touches: string
  /** Checked right before the first turn: why the step must not be done now. */
  ready?(tools: Tools): Promise<string | undefined>
  /** Called again with its own last `state` until it is done. */
  turn(tools: Tools, state: unknown): Promise<Turn>
  /** It counts as failed after this long. @default 900 */
  withinSeconds?: number
  /** Rolls it back; run in reverse order when a step fails or the fix does not help. `ifNoHelp`: only when all was done and it did not help. */
  undo?: Omit<Step, 'undo'> & { ifNoHelp?: boolean }
}

export interface Statement {
  actions: string[]
  resources: string[]
  /** As IAM writes them: `{ ArnEquals: { 'ecs:cluster': 'arn:…' } }`. */
  conditions?: Record<string, Record<string, string | string[]>>
  /** Why the resources are `*`, if AWS allows nothing narrower. */
  why?: string
}

/** Where the target is. */
export interface Place {
  partition: string
  account: string
  region: string
}

/** What a run leaves to do once it has ended: relief is not the end. */
export interface Leaves<Options, Facts, About = unknown> {
  /** JSON, small: what is needed to look at it later. */
  about(facts: Facts): About
  /** Reads only: what is left now. `before`: what was left at the last look. */
  look(tools: Tools, about: Case<Options>, left: About, before: readonly Leftover[]): Promise<LeftNow>
  /** Does one that it offers; looks before it acts, like every step. */
  step(id: string, about: Case<Options>, left: About): Pick<Step, 'turn' | 'withinSeconds'>
}

export interface Runbook<Options = Record<string, unknown>, Facts = unknown> {
  name: string
  /** For people, in the imperative: `Restart one batch after the other`. */
  title: string
  /** It needs at least one of these parts of a target. */
  needs: (keyof Target)[]
  /** What it is the answer to, where the rule in the config names no signals. Left out: anything. */
  signals?: readonly Signal[]
  /** What else the target must have, as a sentence that says what to write; reported when the config is checked. */
  lacks?(target: Target, options: Options): string | undefined
  /** What it removes cannot be restored. If it takes more than one approval, whoever asked for the run cannot give one. */
  destructive: boolean
  /** Keys of `with` in the config, with their defaults. */
  options: z.ZodType<Options>
  /** AWS APIs of which it calls what Tocsin itself does not. */
  apis?: Apis
  /** Uses `tools.evidence`. @default false */
  keepsEvidence?: boolean
  /** Name of the lock: only one run at a time holds it. */
  lock(target: Target): string
  /** Everything that its calls need, and nothing else. */
  permissions(target: Target, options: Options, place: Place): Statement[]
  /** Reads only. */
  look(tools: Tools, about: Case<Options>): Promise<Look<Facts>>
  /** Pure: the same facts give the same steps. */
  steps(facts: Facts, about: Case<Options>): Step[]
  /** Reads the metric itself, whatever the alarm says. */
  healthy(tools: Tools, about: Case<Options>, facts: Facts): Promise<{ ok: boolean; text: string }>
  leaves?: Leaves<Options, Facts>
  /** How long to wait before first checking whether it helped. @default 15 */
  settleSeconds?: number
  /** It has not helped if it is not healthy within this time. @default 600 */
  verifySeconds?: number
}

/** AWS as a rehearsal has it, in memory. */
export interface Rehearsed {
  /** Each call that the runbook makes, and what AWS answers: `'ssm GetParameter'`. Throws `Refused` where AWS would refuse. */
  answers: Record<string, (input: never) => unknown>
  /** Whether what the alarm watches is well again. */
  isWell(): boolean
  /** All that the runbook can change, as JSON. */
  state(): unknown
}

/** How a runbook of your own is rehearsed: `export const rehearsal` in its file. */
export interface Rehearsal {
  /** `with` of a rule in the config. */
  with: Record<string, unknown>
  /** Of the service. @default {} */
  target?: Target
  /** What fires. @default the first of its `signals`, or latency */
  signal?: Signal
  /** Made anew for each rehearsal, ill. */
  outside(): Rehearsed
}

/** Gives a recipe its types. The list knows runbooks only by name, so their own types end here. */
export const defineRunbook = <Options, Facts>(runbook: Runbook<Options, Facts>): Runbook =>
  runbook as unknown as Runbook
