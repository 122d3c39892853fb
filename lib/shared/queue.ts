// A queue, encrypted, with the dead letters that catch what it gives up on.
import { Duration } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { MOST_RECEIVES, VISIBILITY_SECONDS } from '../../lambda/core/facts/queues.ts'

export interface QueuePair {
  queue: Queue
  deadLetters: Queue
}

/** How often SQS asks KMS for a new data key; each request costs. */
const DATA_KEY_REUSE = Duration.hours(1)

export interface PairProps {
  readonly fifo?: boolean
  /** @default SQS's own key */
  readonly key?: IKey | undefined
}

export const queueWithDeadLetters = (scope: Construct, id: string, { fifo, key }: PairProps): QueuePair => {
  const deadLetters = deadLetterQueue(scope, `${id}DeadLetters`, { fifo, key })
  const queue = new Queue(scope, `${id}Queue`, {
    ...common({ fifo, key }),
    visibilityTimeout: Duration.seconds(VISIBILITY_SECONDS),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: MOST_RECEIVES },
  })
  return { queue, deadLetters }
}

/** Kept as long as SQS keeps anything: two weeks. */
export const deadLetterQueue = (scope: Construct, id: string, props: Common = {}): Queue =>
  new Queue(scope, id, { ...common(props), retentionPeriod: Duration.days(14) })

interface Common {
  fifo?: boolean | undefined
  key?: IKey | undefined
}

const common = ({ fifo, key }: Common): QueueProps => ({
  enforceSSL: true,
  ...(fifo && { fifo: true }),
  ...(key
    ? { encryption: QueueEncryption.KMS, encryptionMasterKey: key, dataKeyReuse: DATA_KEY_REUSE }
    : { encryption: QueueEncryption.SQS_MANAGED }),
})
