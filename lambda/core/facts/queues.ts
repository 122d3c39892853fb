// How the two queues deliver: what is deployed, and what a replay and the page imitate.

/**
 * A message whose reader failed or died is not delivered again before this has passed since it was received. Longer than any reader runs.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
export const VISIBILITY_SECONDS = 60

/** Tries before a message becomes a dead letter. */
export const MOST_RECEIVES = 5

/** SQS hands over, and removes, at most so many messages at a time. */
export const SQS_AT_ONCE = 10

export const INTAKE = {
  batch: SQS_AT_ONCE,
  /** More would only wait for each other: each batch is one write of the same item. Also bounds what a storm can cost. */
  atOnce: 2,
  timeoutSeconds: 30,
  /** While the index is long, one commit takes more than that: see `stages/window.ts`. */
  window: { fromBytes: 20_480, fullBytes: 102_400, mostMs: 1000, most: 50 },
}

export const NOTIFY = {
  /** A batch could mix places, and one that fails would hold back the others. */
  batch: 1,
  /** How many places are told at the same time. Also bounds what an hour without Slack can cost. */
  atOnce: 5,
  timeoutSeconds: 45,
  /** Kept for the last call and for saving what came of it: then it asks for another run. */
  reserveSeconds: 20,
}
