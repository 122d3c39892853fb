// Slack's own client, made so that it never writes or throws the token: what is not caught ends in a log with all its fields.
import { WebClient, type WebClientOptions } from '@slack/web-api'

/** Retries and waiting are the caller's: a queue does them better than a function that is paid by the second. */
const OPTIONS: WebClientOptions = { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true }

const silent = (): void => undefined
/** The client warns of failed requests with their whole message; ours say what is to be said. */
const SILENT = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLevel: silent,
  setName: silent,
} as unknown as NonNullable<WebClientOptions['logger']>

/** `apiUrl`: another base address, for a Slack that is not Slack's. */
export interface ClientOptions {
  token: string
  timeoutMs: number
  apiUrl?: string | undefined
}

class CarefulClient extends WebClient {
  override async apiCall(...call: Parameters<WebClient['apiCall']>): ReturnType<WebClient['apiCall']> {
    try {
      return await super.apiCall(...call)
    } catch (error) {
      throw withoutToken(error, this.token ?? '')
    }
  }
}

export const slackClient = ({ token, timeoutMs, apiUrl }: ClientOptions): WebClient =>
  new CarefulClient(token, {
    ...OPTIONS,
    logger: SILENT,
    timeout: timeoutMs,
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
  })

interface SlackFailure {
  message: string
  code?: string
  retryAfter?: number
  data?: { error?: string; response_metadata?: unknown }
}

/** What the caller decides by, and nothing of the request or of what a proxy answered. */
function withoutToken(error: unknown, token: string): Error {
  const { message, code, retryAfter, data } = error as SlackFailure
  const clean = new Error(scrub(message, token))
  return Object.assign(clean, {
    code,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(data && {
      data: JSON.parse(
        scrub(JSON.stringify({ error: data.error, response_metadata: data.response_metadata }), token),
      ) as object,
    }),
  })
}

/** Slack's tokens begin with xox. https://docs.slack.dev/authentication/tokens/ */
const scrub = (text: string, token: string): string =>
  (token === '' ? text : text.replaceAll(token, '[token]')).replace(/xox[a-z]-[\w-]+/g, '[token]')
