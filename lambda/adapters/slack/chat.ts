// Slack's Web API: messages that can be found again, and what Slack's errors mean for us.
import type { WebClient } from '@slack/web-api'
import { ERRORS, meaningOf } from './errors.ts'
import type { Chat, Message, Probe, Search, Sent, Trouble, Where } from '../../ports/slack.ts'
import type { Log } from '../../ports/runtime.ts'
import { Refused } from '../../ports/tools.ts'
import { channelWords, isChannelId } from '../../core/words/words.ts'

export interface SlackOptions {
  /** Throws `Refused` if there is none. */
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

export function slackChat({ token, apiUrl, log }: SlackOptions): SlackChat {
  let known: { token: string; client: WebClient } | undefined
  const ids = new Map<string, string>()
  const slack = async (): Promise<WebClient> => {
    const now = await token()
    if (known?.token === now) return known.client
    // Loaded only when there is something to say: often another run has said it already.
    const { slackClient } = await import('./client.ts')
    known = { token: now, client: slackClient({ token: now, timeoutMs: TIMEOUT_MS, apiUrl }) }
    return known.client
  }

  const send = async (method: 'chat.postMessage' | 'chat.update', args: Record<string, unknown>): Promise<Sent> => {
    try {
      const { channel, ts } = (await (await slack()).apiCall(method, args)) as { channel?: string; ts?: string }
      return { is: 'sent', ref: refOf(String(channel), String(ts)) }
    } catch (error) {
      const name = answered(error)
      const means = meaningOf(name)
      if (means === 'gone') return { is: 'gone' }
      const blocks = (args['blocks'] ?? []) as unknown[]
      if (means !== 'as text' || blocks.length === 0) return troubleOf(error)
      const { data } = error as SlackFailure
      // People must be told all the same.
      log?.('error', 'Slack refuses the blocks of a message; sent as text', { error: name, data }, { SlackRefusals: 1 })
      // Without the field, an edit may keep the blocks that were there.
      return send(method, { ...args, blocks: [] })
    }
  }

  const idOfChannel = async (client: WebClient, channel: string): Promise<string | undefined> => {
    const name = channel.replace(/^#/, '')
    if (isChannelId(name)) return name
    let cursor: string | undefined
    do {
      if (ids.has(name)) return ids.get(name)
      const page = await client.conversations.list({
        limit: 1000,
        exclude_archived: true,
        types: 'public_channel,private_channel',
        ...(cursor && { cursor }),
      })
      for (const found of page.channels ?? []) if (found.name && found.id) ids.set(found.name, found.id)
      cursor = page.response_metadata?.next_cursor
    } while (cursor)
    return ids.get(name)
  }

  /** What Slack says for certain of these channels: it has just answered, so whatever else goes wrong passes. */
  const lookInto = async (
    client: WebClient,
    { channels, known }: { channels: readonly string[]; known: ReadonlyMap<string, string> },
    found: string[],
  ): Promise<void> => {
    const ids = await idsOf(client, channels, known).catch(() => undefined)
    const note = (channel: string, name: string): void =>
      void found.push(`${channelWords(channel)}: ${reasonFor(name)}`)
    await Promise.all(
      channels.map(async (channel) => {
        const id = ids?.get(channel)
        if (id === undefined) return ids && note(channel, 'channel_not_found')
        try {
          const { channel: { is_archived, is_member } = {} } = await client.conversations.info({ channel: id })
          if (is_archived) note(channel, 'is_archived')
          else if (is_member === false) note(channel, 'not_in_channel')
        } catch (error) {
          const name = answered(error)
          if (meaningOf(name) === 'channel') note(channel, name)
        }
      }),
    )
  }

  /** Names are listed once for all. Without those that Slack does not know. */
  const idsOf = async (
    client: WebClient,
    channels: readonly string[],
    looked: ReadonlyMap<string, string>,
  ): Promise<Map<string, string>> => {
    const found = new Map<string, string>()
    let isComplete = false
    for (const channel of channels) {
      const name = channel.replace(/^#/, '')
      const known = isChannelId(name) ? name : (looked.get(channel) ?? ids.get(name))
      const id = known ?? (isComplete ? undefined : await idOfChannel(client, channel))
      if (id === undefined) isComplete = true
      else found.set(channel, id)
    }
    return found
  }

  const look = async (where: Where, tag: string, sinceMs: number): Promise<Search> => {
    const client = await slack()
    const oldest = (sinceMs / 1000).toFixed(6)
    const [channel, ts] = 'thread' in where ? partsOf(where.thread) : [await idOfChannel(client, where.channel)]
    if (channel === undefined) return { is: 'refused', by: 'channel', reason: reasonFor('channel_not_found') }
    let cursor: string | undefined
    do {
      const asked = { channel, oldest, limit: 200, include_all_metadata: true, ...(cursor && { cursor }) }
      const page =
        ts === undefined
          ? await client.conversations.history(asked)
          : await client.conversations.replies({ ...asked, ts })
      for (const { ts: found, metadata } of page.messages ?? []) {
        const payload = metadata?.event_payload as { tag?: unknown } | undefined
        if (found !== undefined && metadata?.event_type === METADATA && payload?.tag === tag)
          return { is: 'found', ref: refOf(channel, found) }
      }
      cursor = page.response_metadata?.next_cursor
    } while (cursor)
    return { is: 'missing' }
  }

  return {
    post(where, message, tag) {
      const [channel, ts] = 'thread' in where ? partsOf(where.thread) : [where.channel]
      return send('chat.postMessage', {
        channel,
        ...(ts !== undefined && { thread_ts: ts }),
        ...('thread' in where && where.inChannel && { reply_broadcast: true }),
        ...bodyOf(message),
        unfurl_links: false,
        unfurl_media: false,
        metadata: { event_type: METADATA, event_payload: { tag } },
      })
    },
    update(ref, message) {
      const [channel, ts] = partsOf(ref)
      return send('chat.update', { channel, ts, blocks: [], ...bodyOf(message) })
    },
    async resolve(channel) {
      const name = channel.replace(/^#/, '')
      if (isChannelId(name)) return undefined
      ids.delete(name)
      // If Slack does not say, the message goes to the name, and its answer says what is wrong.
      return slack()
        .then((client) => idOfChannel(client, channel))
        .catch(() => undefined)
    },
    async find(where, tag, sinceMs) {
      try {
        return await look(where, tag, sinceMs)
      } catch (error) {
        if (meaningOf(answered(error)) === 'gone') return { is: 'missing' }
        const trouble = troubleOf(error)
        // A token that may not search may still post: what is not searched for is the business of that one message.
        return trouble.is === 'refused' && answered(error) === 'missing_scope' ? { ...trouble, by: 'message' } : trouble
      }
    },
    async probe(channels, known = new Map()) {
      try {
        const client = await slack()
        await client.auth.test()
        const found: string[] = []
        const looking = lookInto(client, { channels: someOf(channels), known }, found)
        let timer: NodeJS.Timeout | undefined
        const late = new Promise<void>((done) => (timer = setTimeout(done, PROBE_MS)))
        await Promise.race([looking, late])
        clearTimeout(timer)
        return found.join('; ') || undefined
      } catch (error) {
        return whyNot(error as SlackFailure)
      }
    },
  }
}

/** What waits for a probe is kept waiting no longer than this. */
const PROBE_MS = 4_000

/** Slack: 50 calls of `conversations.info` a minute. Of more channels than that, others each time. https://docs.slack.dev/reference/methods/conversations.info */
const PROBED_MOST = 20

function someOf(channels: readonly string[]): readonly string[] {
  const first = Math.floor(Math.random() * channels.length)
  return Array.from(
    { length: Math.min(PROBED_MOST, channels.length) },
    (_, n) => channels[(first + n) % channels.length]!,
  )
}

const bodyOf = (message: Message): Record<string, unknown> => ({
  text: message.text,
  ...(message.blocks && { blocks: message.blocks }),
})

/** The name of the error that Slack answered with; empty if it did not answer. */
const answered = (error: unknown): string => {
  const { code, data } = error as SlackFailure
  return code === PLATFORM ? (data?.error ?? 'unknown_error') : ''
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
  return code === PLATFORM && ERRORS.has(data?.error ?? '') ? reasonFor(data!.error!) : message
}

/** Throws what is no answer of Slack's and no failure on the way to it. */
function troubleOf(error: unknown): Trouble {
  if (error instanceof Refused) return { is: 'refused', by: 'app', reason: error.message }
  const { code, retryAfter, message } = error as SlackFailure
  if (code === RATE_LIMITED) return { is: 'retry', afterSeconds: retryAfter ?? 1 }
  if (!code?.startsWith('slack_webapi_')) throw error
  if (code !== PLATFORM) return { is: 'lost', reason: message }
  const name = answered(error)
  const means = meaningOf(name)
  if (means === 'wait') return { is: 'retry', afterSeconds: retryAfter ?? 1 }
  if (means === 'unsure') return { is: 'lost', reason: message }
  const by = means === 'channel' || means === 'app' ? means : 'message'
  return { is: 'refused', by, reason: reasonFor(name) }
}

const reasonFor = (name: string): string => {
  const remedy = ERRORS.get(name)?.remedy
  return remedy === undefined ? name : `${remedy} (${name})`
}
