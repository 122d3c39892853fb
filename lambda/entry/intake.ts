// What Lambda calls for a batch of the intake queue, and what CloudWatch calls when an alarm's action is this function itself.
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { intake, type Result } from '../intake.ts'
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
  log('info', 'taken in', summary(results))
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
}

/** One line a batch: which message went where. */
const summary = (results: readonly Result[]): Record<string, unknown> => ({
  incidents: [...new Set(results.flatMap(({ fate }) => ('incident' in fate ? [fate.incident] : [])))],
  messages: results.length,
  notTaken: results.flatMap(({ id, fate }) => ('incident' in fate ? [] : [{ id, ...fate }])),
})

function isBatch(event: SQSEvent | Record<string, unknown>): event is SQSEvent {
  const { Records } = event as Partial<SQSEvent>
  return Array.isArray(Records) && Records[0]?.eventSource === 'aws:sqs'
}
