// How often a run may look and act: Lambda counts what its execution does.
import { LONGEST_RUN_SECONDS, type Runbook, type Step } from '../../runbooks/runbook.ts'

/** Lambda ends a durable execution after 3,000 operations: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const OPERATIONS_MOST = 3_000
/** Each look is a step and a wait. */
const OPERATIONS_A_LOOK = 2
/** Kept back for what happens once, and for looks that fail. */
const OPERATIONS_SPARE = 400
/** Whether it helped is asked at longer and longer intervals: after an hour, every 72 seconds. */
const SHARE_OF_ELAPSED = 0.02
const VERIFY_EVERY_SECONDS = 10
/** Looks of a step that come as soon as the recipe wants, as long as there are not too many steps: nearly all end within them. */
const FREE_LOOKS = 50
const FREE_LOOKS_IN_ALL = 300

const STEP_SECONDS = 900
const SETTLE_SECONDS = 15
const VERIFY_SECONDS = 600
/** Spare time for rollbacks, and for waits that Lambda starts late. */
const SPARE_SECONDS = 1800
export const withinOf = ({ withinSeconds = STEP_SECONDS }: Pick<Step, 'withinSeconds'>): number => withinSeconds
export const settleOf = ({ settleSeconds = SETTLE_SECONDS }: Runbook): number => settleSeconds
export const verifyOf = ({ verifySeconds = VERIFY_SECONDS }: Runbook): number => verifySeconds

/** Of all steps and their ways back. */
const actSeconds = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => sum + withinOf(step) + (step.undo ? withinOf(step.undo) : 0), 0)

/** How long a run of these steps may take in all. */
export const mostSeconds = (runbook: Runbook, steps: readonly Step[]): number =>
  actSeconds(steps) + settleOf(runbook) + verifyOf(runbook) + SPARE_SECONDS

/** Why it must not begin: Lambda would end it midway. */
export function whyTooLong(seconds: number, steps = 0): string | undefined {
  if (steps > STEPS_MOST)
    return `it would take ${steps} steps, and a run may have ${STEPS_MOST}: let it do less at a time`
  return seconds > LONGEST_RUN_SECONDS
    ? `it may take ${Math.ceil(seconds / 3600)} hours, and Lambda ends a run after ${LONGEST_RUN_SECONDS / 3600}: let it do less at a time`
    : undefined
}

/** Each of them is started, looked at and ended. */
const STEPS_MOST = 200

/** Seconds from the start of one look of a step to that of the next, whatever the recipe asks for: so the run has enough operations to its end. */
export function spacingOf(steps: readonly Step[], looks: number): number {
  const acts = steps.reduce((sum, { undo }) => sum + (undo ? 2 : 1), 0)
  const free = Math.min(FREE_LOOKS, Math.floor(FREE_LOOKS_IN_ALL / acts))
  if (looks <= free) return 0
  const operations = OPERATIONS_MOST - OPERATIONS_SPARE - acts * (free + 1) * OPERATIONS_A_LOOK
  return actSeconds(steps) / (operations / OPERATIONS_A_LOOK)
}

/** Seconds until the next look at whether it helped. `elapsed`: since the first, in seconds. */
export const verifyAgainAfter = (elapsed: number): number =>
  Math.max(VERIFY_EVERY_SECONDS, Math.floor(elapsed * SHARE_OF_ELAPSED))
