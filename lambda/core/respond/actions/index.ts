// Every action, by the id that Slack sends back. Buttons appear in this order.
import type { Action } from '../action.ts'
import { acknowledge } from './acknowledge.ts'
import { approve } from './approve.ts'
import { open } from './open.ts'
import { doLeft } from './do-left.ts'
import { details } from './details.ts'
import { dryRun } from './dry-run.ts'
import { reject } from './reject.ts'
import { reopen } from './reopen.ts'
import { resolve } from './resolve.ts'
import { snooze } from './snooze.ts'
import { startAll } from './start-all.ts'
import { stopAll } from './stop-all.ts'
import { unacknowledge } from './unacknowledge.ts'
import { unrelated } from './unrelated.ts'
import { wake } from './wake.ts'

const TABLE = {
  acknowledge,
  unacknowledge,
  snooze,
  wake,
  resolve,
  reopen,
  unrelated,
  approve,
  details,
  reject,
  'dry-run': dryRun,
  'do-left': doLeft,
  'stop-all': stopAll,
  'start-all': startAll,
  open,
}

export type ActionName = keyof typeof TABLE

export const ACTIONS: Readonly<Record<ActionName, Action>> = TABLE

export const isAction = (name: string | undefined): name is ActionName =>
  name !== undefined && Object.hasOwn(ACTIONS, name)
