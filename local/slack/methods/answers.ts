/** How messages look in Slack's answers, and the two forms an answer has. */
import type { Message } from '../types.ts'
import { APP_ID, BOT, BOT_ID, TEAM } from '../workspace.ts'

export type Answer = { ok: boolean; error?: string; [key: string]: unknown }

export const ok = (fields: Record<string, unknown> = {}): Answer => ({ ok: true, ...fields })

/** Slack repeats what is wrong with blocks in `response_metadata.messages`. */
export const fail = (error: string, problems: string[] = []): Answer => ({
  ok: false,
  error,
  ...(problems.length > 0 && {
    errors: problems,
    response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
  }),
})

/** A message as the app under test gets it, without what only the page needs. */
export function toApi(message: Message, thread: Message[], withMetadata = false): Record<string, unknown> {
  const shown: Partial<Message> = { ...message }
  delete shown.channel
  delete shown.visibleTo
  if (!withMetadata) delete shown.metadata
  const replies = thread.filter(
    (reply) => reply.thread_ts === message.ts && reply.ts !== message.ts && !reply.visibleTo,
  )
  const users = [...new Set(replies.map((reply) => reply.user))]
  return {
    ...shown,
    team: TEAM.id,
    ...(replies.length > 0 && {
      thread_ts: message.ts,
      reply_count: replies.length,
      reply_users_count: users.length,
      reply_users: users,
      latest_reply: replies.at(-1)?.ts,
    }),
  }
}

export const byBot = { type: 'message', user: BOT.id, bot_id: BOT_ID, app_id: APP_ID } as const
