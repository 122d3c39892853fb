// What Lambda calls for a batch of the intake queue, and what CloudWatch calls when this function itself is an alarm's action.
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { summaryOf } from '../stages/intake.ts'
import { takeIn } from '../stages/window.ts'
import { clock, deadLetters, heartbeat, inbox, log, notices, rules, table, timers, runs } from '../runtime.ts'

const runtime = {
  table: table(),
  notices: notices(),
  inbox: inbox(),
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
    // Into the queue, so that never more than a few change the board at once, however many alarms call.
    await runtime.inbox.put(event)
    return { batchItemFailures: [] }
  }
  const { results, failed } = await takeIn(
    runtime,
    event.Records.map(({ messageId, body, attributes }) => ({ id: messageId, body, ...sentAt(attributes) })),
  )
  log('info', 'taken in', summaryOf(results))
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
}

function sentAt({ SentTimestamp }: { SentTimestamp?: string } = {}): { sentAt?: number } {
  const ms = Number(SentTimestamp)
  return Number.isFinite(ms) && ms > 0 ? { sentAt: ms } : {}
}

function isBatch(event: SQSEvent | Record<string, unknown>): event is SQSEvent {
  const { Records } = (event ?? {}) as Partial<SQSEvent>
  return Array.isArray(Records) && Records[0]?.eventSource === 'aws:sqs'
}
