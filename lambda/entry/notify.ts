// What Lambda calls when something changed. One call at a time: the queue has a single message group.
import type { Context, SQSEvent } from 'aws-lambda'
import { newMemory, notify } from '../stages/notify.ts'
import { chat, clock, log, notices, rules, runs, table, timers } from '../runtime.ts'

const known = rules()
const slack = chat(known.config.slack.channel)
const runtime = {
  table: table(),
  notices: notices(),
  timers: timers(),
  runs: runs(),
  chat: slack,
  probe: slack.probe,
  clock,
  log,
  rules: known,
}

const memory = newMemory()

/** Reserved for the last call and for saving. */
const RESERVE_MS = 20_000

export async function handler(_event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> {
  await notify(runtime, clock.now() + context.getRemainingTimeInMillis() - RESERVE_MS, memory)
}
