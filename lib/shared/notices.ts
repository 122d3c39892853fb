// The queue of notices that something changed.
import { Duration, type Stack } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { queueWithDeadLetters, type QueuePair } from './queue.ts'

/** First in, first out, in one group: only one run at a time talks to Slack, which also bounds what it can cost. */
export const noticesQueue = (stack: Stack, key: IKey | undefined): QueuePair =>
  queueWithDeadLetters(stack, 'Notices', { fifo: true, visibilityTimeout: Duration.minutes(3), key })
