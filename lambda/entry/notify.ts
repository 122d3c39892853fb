// What Lambda calls when a place may have something to be told. One message at a time, and one run at a time for each place: the queue sees to both.
import type { Context, SQSEvent } from 'aws-lambda'
import { notify } from '../stages/notify.ts'
import { chat, clock, log, notices, placeIn, rules, runs, table, timers } from '../runtime.ts'

const slack = chat()
const runtime = {
  table: table(),
  notices: notices(),
  timers: timers(),
  runs: runs(),
  chat: slack,
  probe: slack.probe,
  clock,
  log,
  rules: rules(),
}

export async function handler(
  { Records }: Pick<SQSEvent, 'Records'>,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> {
  const endsAt = clock.now() + context.getRemainingTimeInMillis()
  for (const { body } of Records) await notify(runtime, placeIn(body), endsAt)
}
