/** Sends an interaction to the app as Slack does: a signed form with 3 seconds to answer. */
import { createHmac } from 'node:crypto'
import { parseObject } from '../http.ts'

/** Slack: an app answers an interaction within 3 seconds. */
export const ANSWER_MS = 3000

export type Delivered = { ok: true; answer: Record<string, unknown> | undefined } | { ok: false; error: string }

/** Slack: "v0=" and the HMAC-SHA256 of "v0:timestamp:body". */
export const sign = (signingSecret: string, timestamp: string, body: string) =>
  `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`

export async function deliver(url: string, signingSecret: string, nowMs: number, payload: unknown): Promise<Delivered> {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  const timestamp = String(Math.floor(nowMs / 1000))
  const late = AbortSignal.timeout(ANSWER_MS)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': sign(signingSecret, timestamp, body),
      },
      body,
      redirect: 'manual',
      signal: late,
    })
    const text = await response.text()
    if (response.status !== 200) return { ok: false, error: `This app responded with Status Code ${response.status}.` }
    return { ok: true, answer: parseObject(text) }
  } catch {
    return { ok: false, error: late.aborted ? 'This app did not respond in time.' : 'This app could not be reached.' }
  }
}
