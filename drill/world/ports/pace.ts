// How long things outside the world take, such as API calls and S3 requests, so that a drill's seconds mean something.

/** Seconds. Typical medians within a region; S3 for objects of a few MiB. */
export const PACE = {
  cloudCall: 0.15,
  /** "Tens of milliseconds": https://aws.amazon.com/sqs/faqs/ */
  sqsCall: 0.05,
  brokerApi: 0.05,
  evidencePut: 0.04,
  evidenceGet: 0.03,
  evidenceList: 0.04,
} as const
