/** Slack's Web API as `@slack/web-api` calls it: one table of methods, with Slack's checks before them. */
import { timingSafeEqual } from 'node:crypto'
import { fail, ok } from './answers.ts'
import type { Answer } from './answers.ts'
import { deleteMessage, postEphemeral, postMessage, updateMessage } from './chat.ts'
import { history, info, list, replies, userInfo, users } from './conversations.ts'
import { parseObject, textOf } from '../http.ts'
import type { View } from '../types.ts'
import { viewProblems } from '../checks/blocks.ts'
import { findView, openView, pushView, updateView } from '../views.ts'
import { APP_ID, BOT, BOT_ID, TEAM } from '../workspace.ts'
import type { Call } from './call.ts'

const METHODS: Record<string, (call: Call) => Answer> = {
  'api.test': ({ args }) => (args.error ? fail(textOf(args.error)) : ok({ args })),
  'auth.test': () =>
    ok({
      url: `https://${TEAM.domain}.slack.com/`,
      team: 'Tocsin',
      team_id: TEAM.id,
      user: 'tocsin',
      user_id: BOT.id,
      bot_id: BOT_ID,
    }),
  'bots.info': ({ args }) =>
    args.bot === BOT_ID ? ok({ bot: { id: BOT_ID, app_id: APP_ID, name: 'tocsin' } }) : fail('bot_not_found'),
  'chat.postMessage': postMessage,
  'chat.update': updateMessage,
  'chat.delete': deleteMessage,
  'chat.postEphemeral': postEphemeral,
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.list': list,
  'conversations.info': info,
  'conversations.join': info,
  'users.info': userInfo,
  'users.list': users,
  'reactions.add': addReaction,
  'views.open': (call) => showView(call, (userId, view) => openView(call.workspace, userId, view)),
  'views.push': (call) => showView(call, (userId, view) => pushView(call.workspace, userId, view)),
  'views.update': changeView,
}

/** Those that need one scope, whatever they are about. */
const SCOPES: Record<string, string> = {
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'conversations.join': 'channels:join',
  'bots.info': 'users:read',
  'users.info': 'users:read',
  'users.list': 'users:read',
}

const METHODS_WITHOUT_TOKEN = new Set(['api.test'])

/** What Slack answers to this call when nothing paces it. */
export function answerTo(
  method: string,
  call: Call,
  given: { token: string | undefined; valid: readonly string[]; scopes?: readonly string[] | undefined },
): Answer {
  const run = METHODS[method]
  if (!run) return fail('unknown_method')
  if (!METHODS_WITHOUT_TOKEN.has(method)) {
    const { token, valid, scopes } = given
    if (!token) return fail('not_authed')
    if (!valid.some((one) => sameText(token, one))) return fail('invalid_auth')
    const needed = SCOPES[method]
    if (scopes && needed !== undefined && !scopes.includes(needed))
      return { ...fail('missing_scope'), needed, provided: scopes.join(',') }
  }
  return run(call)
}

const sameText = (a: string, b: string) =>
  Buffer.byteLength(a) === Buffer.byteLength(b) && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** Form fields that hold JSON, and fields that hold a Boolean. */
const JSON_FIELDS = ['blocks', 'metadata', 'view', 'attachments']
const BOOLEAN_FIELDS = ['reply_broadcast', 'inclusive', 'include_all_metadata', 'unfurl_links', 'unfurl_media']

/** The arguments from a form, a JSON body or the query; undefined when the body is not what its type claims. */
export function readArgs(
  contentType: string,
  body: string,
  query: URLSearchParams,
): Record<string, unknown> | undefined {
  const isJson = contentType.startsWith('application/json')
  const args = isJson ? parseObject(body || '{}') : Object.fromEntries(new URLSearchParams(body))
  if (!args) return undefined
  const all: Record<string, unknown> = { ...Object.fromEntries(query), ...args }
  for (const field of JSON_FIELDS) if (typeof all[field] === 'string') all[field] = parseJson(all[field])
  for (const field of BOOLEAN_FIELDS)
    if (typeof all[field] === 'string') all[field] = all[field] === 'true' || all[field] === '1'
  return all
}

/** Text that is not JSON stays text, which the checks then refuse. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function addReaction({ workspace, args }: Call): Answer {
  const message = workspace.find(textOf(args.channel), textOf(args.timestamp))
  if (!message) return fail('message_not_found')
  const name = textOf(args.name)
  if (!/^[\w+:-]+$/.test(name)) return fail('invalid_name')
  const reactions = message.reactions ?? []
  if (reactions.some((reaction) => reaction.name === name && reaction.users.includes(BOT.id)))
    return fail('already_reacted')
  workspace.change(message, { reactions: [...reactions, { name, users: [BOT.id], count: 1 }] })
  return ok()
}

function showView({ tickets, args }: Call, show: (userId: string, view: View) => View | { error: string }): Answer {
  const problems = viewProblems(args.view)
  if (problems.length > 0) return fail('invalid_arguments', problems)
  const trigger = tickets.useTrigger(textOf(args.trigger_id))
  if ('error' in trigger) return fail(trigger.error)
  const view = show(trigger.userId, args.view as View)
  return 'error' in view ? fail(view.error) : ok({ view })
}

function changeView({ workspace, args }: Call): Answer {
  const problems = viewProblems(args.view)
  if (problems.length > 0) return fail('invalid_arguments', problems)
  const found = findView(
    workspace,
    ({ id, external_id }) => id === args.view_id || (!!external_id && external_id === args.external_id),
  )
  if (!found) return fail('not_found')
  if (args.hash && args.hash !== found.view.hash) return fail('hash_conflict')
  return ok({ view: updateView(workspace, found.userId, found.view, args.view as View) })
}
