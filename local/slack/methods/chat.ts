/** The chat.* methods: post, edit, delete, and messages that only one person sees. */
import { blockProblems } from '../checks/blocks.ts'
import { byBot, fail, ok, toApi, type Answer } from './answers.ts'
import type { Call } from './call.ts'
import { textOf } from '../http.ts'
import type { Block, Message, Metadata } from '../types.ts'
import { BOT, withIds } from '../workspace.ts'

/** Slack cuts a posted text here ... */
export const POST_TEXT = 40_000
/** ... but refuses an edit beyond this. */
export const UPDATE_TEXT = 4000

type Content = { text?: string; blocks?: Block[]; metadata?: Metadata }

/** What the call wants to say, or why Slack would not take it. */
function contentOf({ args }: Call): { content: Content } | { refused: Answer } {
  const { blocks, metadata } = args
  const text = typeof args.text === 'string' ? args.text : undefined
  if (blocks !== undefined) {
    const problems = blockProblems(blocks, 'message')
    if (problems.length > 0)
      return { refused: fail(Array.isArray(blocks) ? 'invalid_blocks' : 'invalid_blocks_format', problems) }
  }
  if (metadata !== undefined && !isMetadata(metadata)) return { refused: fail('invalid_metadata_format') }
  const content: Content = {
    ...(text !== undefined && { text }),
    ...(blocks !== undefined && { blocks: withIds(blocks as Block[]) }),
    ...(metadata !== undefined && { metadata }),
  }
  return { content }
}

const isMetadata = (value: unknown): value is Metadata => {
  const { event_type, event_payload } = (value ?? {}) as Partial<Metadata>
  return typeof event_type === 'string' && typeof event_payload === 'object' && event_payload !== null
}

export function postMessage(call: Call): Answer {
  const { workspace, args } = call
  const channel = workspace.channel(textOf(args.channel))
  // Slack finds a private channel by its id alone.
  if (!channel || (channel.isPrivate && channel.id !== args.channel)) return fail('channel_not_found')
  const said = contentOf(call)
  if ('refused' in said) return said.refused
  const { text, blocks, metadata } = said.content
  if (!text && !blocks?.length) return fail('no_text')
  const parent = args.thread_ts ? workspace.find(channel.id, textOf(args.thread_ts)) : undefined
  if (args.thread_ts && !parent) return fail('thread_not_found')
  const isReply = parent !== undefined
  const message = workspace.add({
    ...byBot,
    ...(isReply && args.reply_broadcast === true && { subtype: 'thread_broadcast' as const }),
    channel: channel.id,
    ts: workspace.nextTs(),
    text: (text ?? '').slice(0, POST_TEXT),
    ...(blocks && { blocks }),
    ...(metadata && { metadata }),
    ...(parent && { thread_ts: parent.thread_ts ?? parent.ts }),
  })
  workspace.stats[isReply ? 'threadReplies' : 'posts']++
  workspace.changed()
  return ok({ channel: channel.id, ts: message.ts, message: toApi(message, [], true) })
}

/** The app's own message, by channel id (chat.update and chat.delete do not accept channel names). */
function ownMessage({ workspace, args }: Call, cannot: string): { message: Message } | { refused: Answer } {
  const channel = workspace.channels.find(({ id }) => id === args.channel)
  if (!channel) return { refused: fail('channel_not_found') }
  const message = workspace.find(channel.id, textOf(args.ts))
  // An ephemeral message is in no history: Slack does not find it.
  if (!message || message.visibleTo) return { refused: fail('message_not_found') }
  return message.user === BOT.id ? { message } : { refused: fail(cannot) }
}

export function updateMessage(call: Call): Answer {
  const { workspace } = call
  const found = ownMessage(call, 'cant_update_message')
  if ('refused' in found) return found.refused
  const said = contentOf(call)
  if ('refused' in said) return said.refused
  const { text, blocks, metadata } = said.content
  if (text === undefined && !blocks) return fail('no_text')
  if (text && text.length > UPDATE_TEXT) return fail('msg_too_long')
  const message = workspace.change(found.message, {
    text: text ?? found.message.text,
    // Slack's documents say both of blocks that are left out; those that stay are worse.
    blocks: blocks === undefined ? found.message.blocks : blocks.length > 0 ? blocks : undefined,
    ...(metadata && { metadata }),
    edited: { user: BOT.id, ts: workspace.nextTs() },
  })
  workspace.stats.updates++
  workspace.changed()
  return ok({ channel: message.channel, ts: message.ts, text: message.text, message: toApi(message, [], true) })
}

export function deleteMessage(call: Call): Answer {
  const found = ownMessage(call, 'cant_delete_message')
  if ('refused' in found) return found.refused
  call.workspace.remove(found.message)
  return ok({ channel: found.message.channel, ts: found.message.ts })
}

export function postEphemeral(call: Call): Answer {
  const { workspace, args } = call
  const channel = workspace.channel(textOf(args.channel))
  if (!channel) return fail('channel_not_found')
  if (!workspace.people.some(({ id }) => id === args.user)) return fail('user_not_in_channel')
  const said = contentOf(call)
  if ('refused' in said) return said.refused
  const { text, blocks } = said.content
  if (!text && !blocks?.length) return fail('no_text')
  const message = workspace.add({
    ...byBot,
    channel: channel.id,
    ts: workspace.nextTs(),
    text: text ?? '',
    ...(blocks && { blocks }),
    ...(typeof args.thread_ts === 'string' && { thread_ts: args.thread_ts }),
    visibleTo: textOf(args.user),
  })
  workspace.stats.ephemerals++
  workspace.changed()
  return ok({ message_ts: message.ts })
}
