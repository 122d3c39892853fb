// How long things take that are not in the world itself: calls of an API, a request to S3. So that a drill's seconds are worth something.

/** Seconds. Medians as they are usual within a region; S3 for objects of a few MiB. */
export const PACE = {
  cloudCall: 0.15,
  brokerApi: 0.05,
  evidencePut: 0.04,
  evidenceGet: 0.03,
  evidenceList: 0.04,
} as const
