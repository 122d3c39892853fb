// Slack's Web API: messages that can be found again, and what Slack's errors mean for us.
import type { WebClient } from '@slack/web-api'
import type { Chat, Message, Probe, Sent } from '../../ports/slack.ts'
import type { Log } from '../../ports/runtime.ts'

export interface SlackOptions {
  /** Id or name of the channel. */
  channel: string
  token: () => Promise<string>
  /** Another base URL, for a Slack that is not Slack's. */
  apiUrl?: string
  log?: Log
}

export type SlackChat = Chat & { probe: Probe }

/** The type of the metadata that marks our messages. https://docs.slack.dev/messaging/message-metadata/ */
const METADATA = 'tocsin_message'

/** Identifies a message by channel and timestamp, `C0123/1714660750.000100`: the config's channel may change, old messages stay where they are. */
const refOf = (channel: string, ts: string): string => `${channel}/${ts}`
const partsOf = (ref: string): [channel: string, ts: string] => ref.split('/', 2) as [string, string]

const TIMEOUT_MS = 10_000

export function slackChat({ channel, token, apiUrl, log }: SlackOptions): SlackChat {
  let known: { token: string; client: WebClient } | undefined
  let channelId: string | undefined
  const slack = async (): Promise<WebClient> => {
    const now = await token()
    if (known?.token === now) return known.client
    // Loaded only when there is something to say: often another run has said it already.
    const { slackClient } = await import('./client.ts')
    known = { token: now, client: slackClient({ token: now, timeoutMs: TIMEOUT_MS, apiUrl }) }
    return known.client
  }

  const send = async (method: 'chat.postMessage' | 'chat.update', args: Record<string, unknown>): Promise<Sent> => {
    const client = await slack()
    try {
      const sent = await client.apiCall(method, args)
      return {
        is: 'sent',
        ts: refOf(String((sent as { channel?: string }).channel), String((sent as { ts?: string }).ts)),
      }
    } catch (error) {
      return meaning(error, (refusal) => {
        const { blocks, ...asText } = args
        log?.('error', 'Slack refuses the blocks of a message; sent as text', refusal, { SlackRefusals: 1 })
        return blocks === undefined ? undefined : send(method, asText)
      })
    }
  }

  const idOfChannel = async (client: WebClient): Promise<string> => {
    if (channelId !== undefined) return channelId
    const name = channel.replace(/^#/, '')
    if (/^[CGD][A-Z0-9]{6,}$/.test(name)) return (channelId = name)
    let cursor: string | undefined
    do {
      const page = await client.conversations.list({
        limit: 1000,
        exclude_archived: true,
        types: 'public_channel,private_channel',
        ...(cursor && { cursor }),
      })
      channelId = page.channels?.find((found) => found.name === name)?.id
      cursor = page.response_metadata?.next_cursor
    } while (channelId === undefined && cursor)
    if (channelId === undefined)
      throw new Error(
        `there is no Slack channel ${channel} that Tocsin can see: invite Tocsin to it, or write the channel's id`,
      )
    return channelId
  }

  return {
    post: (message, tag, thread) =>
      send('chat.postMessage', {
        ...(thread === undefined ? { channel } : { channel: partsOf(thread)[0], thread_ts: partsOf(thread)[1] }),
        ...bodyOf(message),
        unfurl_links: false,
        unfurl_media: false,
        metadata: { event_type: METADATA, event_payload: { tag } },
      }),
    update: (ref, message) => {
      const [where, ts] = partsOf(ref)
      return send('chat.update', { channel: where, ts, ...bodyOf(message) })
    },
    async find(tag, sinceMs, thread) {
      const client = await slack()
      const oldest = (sinceMs / 1000).toFixed(6)
      const where = thread === undefined ? await idOfChannel(client) : partsOf(thread)[0]
      let cursor: string | undefined
      do {
        const asked = { channel: where, oldest, limit: 200, include_all_metadata: true, ...(cursor && { cursor }) }
        const page =
          thread === undefined
            ? await client.conversations.history(asked)
            : await client.conversations.replies({ ...asked, ts: partsOf(thread)[1] })
        for (const { ts, metadata } of page.messages ?? []) {
          const payload = metadata?.event_payload as { tag?: unknown } | undefined
          if (ts !== undefined && metadata?.event_type === METADATA && payload?.tag === tag) return refOf(where, ts)
        }
        cursor = page.response_metadata?.next_cursor
      } while (cursor)
      return undefined
    },
    async probe() {
      try {
        await (await slack()).auth.test()
        return undefined
      } catch (error) {
        return whyNot(error as SlackFailure)
      }
    },
  }
}

const bodyOf = (message: Message): Record<string, unknown> => ({
  text: message.text,
  ...(message.blocks && { blocks: message.blocks }),
})

const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found'])
const WHAT_TO_DO: Record<string, string> = {
  channel_not_found:
    'the channel does not exist or Tocsin cannot see it: check slack.channel in the config, and invite Tocsin to it',
  not_in_channel: 'Tocsin is not in the channel: invite it with /invite',
  is_archived: 'the channel is archived: choose another one in the config',
  invalid_auth: 'the bot token is not valid: store a new one in the secret',
  token_revoked: 'the bot token was revoked: store a new one in the secret',
  account_inactive: 'the bot token belongs to a removed app: install it again and store its token',
  missing_scope: 'the bot token lacks a scope: install the app again from its manifest',
}

/** Values of the client's `ErrorCode`. */
const RATE_LIMITED = 'slack_webapi_rate_limited_error'
const PLATFORM = 'slack_webapi_platform_error'

interface SlackFailure {
  message: string
  code?: string
  data?: { error?: string }
  retryAfter?: number
}

function whyNot({ code, data, retryAfter, message }: SlackFailure): string {
  if (code === RATE_LIMITED) return `Slack asks to wait ${retryAfter} seconds`
  return (code === PLATFORM && WHAT_TO_DO[data?.error ?? '']) || message
}

/** Throws what a retry may fix. A message whose blocks Slack refuses still goes out as text: people must be told. */
async function meaning(
  error: unknown,
  again: (refusal: Record<string, unknown>) => Promise<Sent> | undefined,
): Promise<Sent> {
  const { code, data, retryAfter } = error as SlackFailure
  if (code === RATE_LIMITED) return { is: 'retry', afterSeconds: retryAfter ?? 1 }
  if (code !== PLATFORM) throw error
  const name = data?.error ?? 'unknown_error'
  // Not one of Slack's error names: something in between answered, and may be gone the next time.
  if (!/^[a-z_]+$/.test(name)) throw error
  if (name === 'ratelimited') return { is: 'retry', afterSeconds: 1 }
  if (GONE.has(name)) return { is: 'gone' }
  if (name === 'invalid_blocks' || name === 'msg_blocks_too_long')
    return (await again({ error: name, data })) ?? { is: 'fail', reason: name }
  if (['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org'].includes(name))
    throw error
  return { is: 'fail', reason: WHAT_TO_DO[name] ?? name }
}
