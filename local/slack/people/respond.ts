/** What a POST to a response_url does: replaces or deletes the clicked message, or posts another, to one person or to all. */
import { fail, ok } from '../methods/answers.ts'
import type { Answer } from '../methods/answers.ts'
import { byBot } from '../methods/answers.ts'
import { blockProblems } from '../checks/blocks.ts'
import type { ResponseTarget } from './tickets.ts'
import type { Block } from '../types.ts'
import { BOT, withIds } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'

export function respond(workspace: Workspace, target: ResponseTarget, body: Record<string, unknown>): Answer {
  const { channel, ts, userId } = target
  const original = workspace.find(channel, ts)
  if (body.delete_original === true) {
    if (original) workspace.remove(original)
    return ok()
  }
  if (body.blocks !== undefined && blockProblems(body.blocks, 'message').length > 0) return fail('invalid_blocks')
  const blocks = Array.isArray(body.blocks) && body.blocks.length > 0 ? withIds(body.blocks as Block[]) : undefined
  const text = typeof body.text === 'string' ? body.text : ''
  if (!text && !blocks) return fail('no_text')

  if (body.replace_original === true) {
    if (original) workspace.change(original, { text, blocks, edited: { user: BOT.id, ts: workspace.nextTs() } })
    workspace.stats.updates++
    workspace.changed()
    return ok()
  }

  const toAll = body.response_type === 'in_channel'
  // Slack answers in the thread that the click came from, and otherwise in the channel.
  const threadTs = typeof body.thread_ts === 'string' ? body.thread_ts : original?.thread_ts
  workspace.add({
    ...byBot,
    channel,
    ts: workspace.nextTs(),
    text,
    ...(blocks && { blocks }),
    ...(threadTs && { thread_ts: threadTs }),
    ...(!toAll && { visibleTo: userId }),
  })
  workspace.stats[toAll ? (threadTs ? 'threadReplies' : 'posts') : 'ephemerals']++
  workspace.changed()
  return ok()
}
