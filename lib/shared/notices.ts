// The queue of notices that a place may have something to be told.
import type { Stack } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { queueWithDeadLetters, type QueuePair } from './queue.ts'

/** First in, first out, a group for each place: only one run at a time talks to it. */
export const noticesQueue = (stack: Stack, key: IKey | undefined): QueuePair =>
  queueWithDeadLetters(stack, 'Notices', { fifo: true, key })
