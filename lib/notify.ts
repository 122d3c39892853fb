// The word that something changed, and the one function at a time that tells Slack.
import { Duration, type Stack } from 'aws-cdk-lib'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { queueWithDeadLetters, type QueuePair } from './queue.ts'
import type { StageFunction } from './stage-function.ts'

/** Long enough to tell a storm's worth at Slack's pace; then the next run goes on. */
export const NOTIFY_TIMEOUT = Duration.minutes(2)

export const noticesQueue = (stack: Stack): QueuePair =>
  queueWithDeadLetters(stack, 'Notices', { fifo: true, visibilityTimeout: Duration.minutes(3) })

export function feedNotify(notify: StageFunction, { queue }: QueuePair): void {
  notify.addEventSource(new SqsEventSource(queue, { batchSize: 10 }))
}
