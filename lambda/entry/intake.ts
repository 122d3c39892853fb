// What Lambda calls for a batch of the intake queue, and what CloudWatch calls when this function itself is an alarm's action.
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { intake, summaryOf } from '../stages/intake.ts'
import { clock, deadLetters, heartbeat, log, notices, rules, table, timers, runs } from '../runtime.ts'

const runtime = {
  table: table(),
  notices: notices(),
  deadLetters: deadLetters(),
  timers: timers(),
  ...heartbeat(),
  runs: runs(),
  clock,
  log,
  rules: rules(),
}

export async function handler(event: SQSEvent | Record<string, unknown>): Promise<SQSBatchResponse> {
  if (!isBatch(event)) {
    const { failed } = await intake(runtime, [{ id: 'direct', body: JSON.stringify(event) }])
    if (failed.length > 0) throw new Error('the alarm could not be taken in; Lambda tries again')
    return { batchItemFailures: [] }
  }
  const { results, failed } = await intake(
    runtime,
    event.Records.map(({ messageId, body }) => ({ id: messageId, body })),
  )
  log('info', 'taken in', summaryOf(results))
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
}

function isBatch(event: SQSEvent | Record<string, unknown>): event is SQSEvent {
  const { Records } = event as Partial<SQSEvent>
  return Array.isArray(Records) && Records[0]?.eventSource === 'aws:sqs'
}
