// What a timer does when it is due: loaded only then, because a timer spends most of its life waiting.
import { escalate, type Due } from '../stages/escalate.ts'
import { clock, log, notices, rules, table, timers, runs } from '../runtime.ts'

const runtime = { table: table(), notices: notices(), timers: timers(), runs: runs(), clock, log }

export const whenDue = (due: Due): Promise<void> => escalate({ ...runtime, rules: rules() }, due)
