/** The fake Slack: a workspace in memory that an app can use as the real one, and that people can use from a page. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerTo, readArgs } from './methods/api.ts'
import { fail } from './methods/answers.ts'
import { parseObject, readBody, sendJson, sendReply, textOf } from './http.ts'
import { createInteractions } from './people/interactions.ts'
import type { Interactions } from './people/interactions.ts'
import { createLimits } from './limits.ts'
import type { Limits } from './limits.ts'
import { respond } from './people/respond.ts'
import { createTickets } from './people/tickets.ts'
import type { Channel, Message, SlackOptions, Snapshot, Stats } from './types.ts'
import { createWorkspace } from './workspace.ts'
import type { Workspace } from './workspace.ts'

export type * from './types.ts'
export type { Outcome, Submit } from './people/interactions.ts'
export type { Act } from './people/places.ts'

export interface PretendSlack extends Interactions, Pick<Limits, 'refuse' | 'answer' | 'drop' | 'outage'> {
  /** Serves /api/<method> and /respond/<id>; answers false, untouched, for any other path. */
  handleApi: (req: IncomingMessage, res: ServerResponse) => Promise<boolean>
  /** A person writes; undefined when there is no such person, channel or thread. */
  say: (said: { userId: string; channel: string; text: string; threadTs?: string }) => Message | undefined
  /** What this person sees. @default the first person */
  snapshot: (forUserId?: string) => Snapshot
  subscribe: (listener: () => void) => () => void
  /** From now on the workspace has these channels. */
  setChannels: (channels: readonly Channel[]) => void
  stats: () => Stats
  /** Empties the workspace: no messages, modals, refusals or counts. */
  clear: () => void
}

export function createSlack(options: SlackOptions): PretendSlack {
  const workspace = createWorkspace(options)
  const limits = createLimits(workspace.now, options.messagesPerSecond)
  const tickets = createTickets(workspace.now)
  // A message is posted before it can be clicked, so the address of an earlier call is known by then.
  let baseUrl = ''
  const interactions = createInteractions({ workspace, tickets, options, baseUrl: () => baseUrl })

  const refused = (res: ServerResponse, refusal: NonNullable<ReturnType<Limits['check']>>) => {
    workspace.stats.refused++
    workspace.changed()
    if (refusal.status === 503) return sendJson(res, 503, fail('service_unavailable'))
    return sendJson(res, 429, fail('ratelimited'), { 'retry-after': String(refusal.retryAfterSeconds) })
  }

  async function serveMethod(req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> {
    const method = url.pathname.slice('/api/'.length)
    const body = await readBody(req)
    if (body === undefined) return sendJson(res, 413, fail('request_too_large'))
    const args = readArgs(req.headers['content-type'] ?? '', body, url.searchParams)
    if (!args) return sendJson(res, 200, fail('invalid_json'))
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1] ?? (args.token as string | undefined)
    options.asked?.({ method, token, args })
    const told = limits.told(method)
    if (told) return sendReply(res, told)
    const refusal = limits.check(method, workspace.channel(textOf(args.channel))?.id)
    if (refusal) return refused(res, refusal)
    const answer = answerTo(
      method,
      { workspace, tickets, args },
      { token, valid: [options.token].flat(), scopes: options.scopes },
    )
    if (limits.dropped(method)) return void req.socket.destroy()
    sendJson(res, 200, answer, options.scopes && { 'x-oauth-scopes': options.scopes.join(',') })
  }

  async function serveResponse(req: IncomingMessage, res: ServerResponse, id: string): Promise<void> {
    const body = parseObject((await readBody(req)) ?? '')
    if (!body) return sendJson(res, 400, fail('invalid_payload'))
    const target = tickets.useResponse(id)
    if ('error' in target) return sendJson(res, 404, fail(target.error))
    const answer = respond(workspace, target, body)
    sendJson(res, answer.ok ? 200 : 400, answer)
  }

  return {
    ...interactions,
    refuse: limits.refuse,
    answer: limits.answer,
    drop: limits.drop,
    outage: limits.outage,
    async handleApi(req, res) {
      const url = new URL(req.url ?? '/', 'http://slack.local')
      if (url.pathname.startsWith('/api/')) {
        baseUrl = addressOf(req)
        await serveMethod(req, res, url)
        return true
      }
      if (url.pathname.startsWith('/respond/')) {
        await serveResponse(req, res, url.pathname.slice('/respond/'.length))
        return true
      }
      return false
    },
    say: (said) => say(workspace, said),
    snapshot: workspace.snapshot,
    subscribe: workspace.subscribe,
    setChannels: workspace.setChannels,
    stats: () => ({ ...workspace.stats }),
    clear() {
      limits.clear()
      tickets.clear()
      workspace.clear()
    },
  }
}

function addressOf({ socket }: IncomingMessage): string {
  const { localAddress = '127.0.0.1', localPort } = socket
  const address = localAddress.replace(/^::ffff:/, '')
  return `http://${address.includes(':') ? `[${address}]` : address}:${localPort}`
}

function say(
  workspace: Workspace,
  { userId, channel, text, threadTs }: { userId: string; channel: string; text: string; threadTs?: string },
): Message | undefined {
  const place = workspace.channel(channel)
  const parent = place && threadTs ? workspace.find(place.id, threadTs) : undefined
  if (!place || !workspace.person(userId) || !text.trim() || (threadTs && !parent)) return undefined
  // What people type is text: Slack escapes these three so that nobody can forge a mention or a link.
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const thread = parent && { thread_ts: parent.thread_ts ?? parent.ts }
  return workspace.add({
    type: 'message',
    channel: place.id,
    ts: workspace.nextTs(),
    user: userId,
    text: escaped,
    ...thread,
  })
}
