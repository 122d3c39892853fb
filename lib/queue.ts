// A queue, encrypted, with the dead letters that catch what it gives up on.
import { Duration } from 'aws-cdk-lib'
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'

/** Tries before a message is a dead letter. */
const MOST_RECEIVES = 5

export interface QueuePair {
  queue: Queue
  deadLetters: Queue
}

export function queueWithDeadLetters(
  scope: Construct,
  id: string,
  props: QueueProps & { readonly visibilityTimeout: Duration },
): QueuePair {
  const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...(props.fifo && { fifo: true }) }
  const deadLetters = new Queue(scope, `${id}DeadLetters`, { ...common, retentionPeriod: Duration.days(14) })
  const queue = new Queue(scope, `${id}Queue`, {
    ...props,
    ...common,
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: MOST_RECEIVES },
  })
  return { queue, deadLetters }
}
