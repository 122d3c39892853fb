// Slack's own client, set up so that it never logs or throws the token: an uncaught error ends up in a log with all its fields.
import { WebClient, type WebClientOptions } from '@slack/web-api'

/** The caller retries and waits: a queue does that better than a function that is paid by the second. */
const OPTIONS: WebClientOptions = { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true }

const silent = (): void => undefined
/** The client logs failed requests with their whole message; our own logs say what is needed. */
const SILENT = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLevel: silent,
  setName: silent,
} as unknown as NonNullable<WebClientOptions['logger']>

/** `apiUrl`: another base URL, for a Slack that is not Slack's. */
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

/** Keeps what the caller decides by, and nothing of the request or of a proxy's response. */
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

/** Removes tokens from a text. Slack's begin with xox. https://docs.slack.dev/authentication/tokens/ */
const scrub = (text: string, token: string): string =>
  (token === '' ? text : text.replaceAll(token, '[token]')).replace(/xox[a-z]-[\w-]+/g, '[token]')
