// Did Slack send this? https://docs.slack.dev/authentication/verifying-requests-from-slack
import { createHmac, timingSafeEqual } from 'node:crypto'

/** A request that is older, or further ahead, may be a replay. */
export const MOST_SKEW_SECONDS = 300

export interface Signed {
  timestamp: string | undefined
  signature: string | undefined
  /** Exactly as it was received: decoded or parsed, it would no longer be what was signed. */
  rawBody: string
}

/** `secrets`: all that are valid, so that they can be rotated. */
export function isFromSlack(
  { timestamp, signature, rawBody }: Signed,
  secrets: readonly string[],
  nowMs: number,
): boolean {
  if (timestamp === undefined || signature === undefined || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > MOST_SKEW_SECONDS) return false
  const given = Buffer.from(signature)
  let valid = false
  for (const secret of secrets) {
    const expected = Buffer.from(
      `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${rawBody}`).digest('hex')}`,
    )
    if (secret !== '' && expected.length === given.length && timingSafeEqual(expected, given)) valid = true
  }
  return valid
}
