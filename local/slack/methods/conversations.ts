/** The methods that read: channels, their history, threads and people. */
import { fail, ok, toApi, type Answer } from './answers.ts'
import type { Call } from './call.ts'
import { textOf } from '../http.ts'
import type { Channel, Message, Person } from '../types.ts'
import { BOT, TEAM } from '../workspace.ts'

const isTrue = (value: unknown) => value === true || value === 'true' || value === '1' || value === 1

export const toChannel = ({ id, name, isPrivate = false }: Channel) => ({
  id,
  name,
  name_normalized: name,
  is_channel: true,
  is_private: isPrivate,
  is_archived: false,
  is_member: true,
})

export const toUser = ({ id, name, role }: Person) => ({
  id,
  team_id: TEAM.id,
  name: name.toLowerCase(),
  real_name: name,
  deleted: false,
  is_bot: id === BOT.id,
  is_restricted: role === 'guest',
  is_ultra_restricted: role === 'guest',
  profile: { real_name: name, display_name: name },
})

/** Slack's paging: at most `limit`, and a cursor when more are left. */
function page<Item>(
  items: Item[],
  args: Call['args'],
  most: number,
  usual: number,
): { items: Item[]; next: string } | undefined {
  const limit = args.limit === undefined ? usual : Number(args.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > most) return undefined
  const start = args.cursor
    ? Number(Buffer.from(textOf(args.cursor), 'base64').toString('utf8').replace('next:', ''))
    : 0
  if (!Number.isInteger(start)) return undefined
  const next = start + limit < items.length ? Buffer.from(`next:${start + limit}`).toString('base64') : ''
  return { items: items.slice(start, start + limit), next }
}

function between(messages: Message[], { oldest, latest, inclusive }: Call['args']): Message[] {
  // As fixed-point text: a ts has more digits than a double can hold.
  const key = (ts: unknown) => {
    const [seconds = '', micros = ''] = String(ts).split('.')
    return seconds.padStart(12, '0') + micros.slice(0, 6).padEnd(6, '0')
  }
  const edge = isTrue(inclusive)
  return messages.filter(
    ({ ts }) =>
      (!oldest || key(ts) > key(oldest) || (edge && key(ts) === key(oldest))) &&
      (!latest || key(ts) < key(latest) || (edge && key(ts) === key(latest))),
  )
}

export function history({ workspace, args }: Call): Answer {
  const channel = workspace.channels.find(({ id }) => id === args.channel)
  if (!channel) return fail('channel_not_found')
  const all = workspace.messages(channel.id)
  const shown = all.filter(
    (message) => !message.visibleTo && (!message.thread_ts || message.subtype === 'thread_broadcast'),
  )
  const paged = page(between(shown, args).reverse(), args, 999, 100)
  if (!paged) return fail('invalid_limit')
  return ok({
    messages: paged.items.map((message) => toApi(message, all, isTrue(args.include_all_metadata))),
    has_more: paged.next !== '',
    pin_count: 0,
    response_metadata: { next_cursor: paged.next },
  })
}

export function replies({ workspace, args }: Call): Answer {
  const channel = workspace.channels.find(({ id }) => id === args.channel)
  if (!channel) return fail('channel_not_found')
  const asked = workspace.find(channel.id, textOf(args.ts))
  const parent = asked?.thread_ts ? workspace.find(channel.id, asked.thread_ts) : asked
  if (!parent) return fail('thread_not_found')
  const all = workspace.messages(channel.id)
  const thread = all.filter(
    (message) => message.thread_ts === parent.ts && message.ts !== parent.ts && !message.visibleTo,
  )
  const paged = page([parent, ...between(thread, args)], args, 1000, 1000)
  if (!paged) return fail('invalid_limit')
  return ok({
    messages: paged.items.map((message) => toApi(message, all, isTrue(args.include_all_metadata))),
    has_more: paged.next !== '',
    response_metadata: { next_cursor: paged.next },
  })
}

export function list({ workspace, args }: Call): Answer {
  const paged = page(workspace.channels.map(toChannel), args, 1000, 100)
  return paged ? ok({ channels: paged.items, response_metadata: { next_cursor: paged.next } }) : fail('invalid_limit')
}

/** conversations.info and conversations.join: the app is a member of every channel here. */
export function info({ workspace, args }: Call): Answer {
  const channel = workspace.channels.find(({ id }) => id === args.channel)
  return channel ? ok({ channel: toChannel(channel) }) : fail('channel_not_found')
}

export function userInfo({ workspace, args }: Call): Answer {
  const person = workspace.person(textOf(args.user))
  return person ? ok({ user: toUser(person) }) : fail('user_not_found')
}

export function users({ workspace, args }: Call): Answer {
  const paged = page([...workspace.people, BOT].map(toUser), args, 1000, 100)
  return paged ? ok({ members: paged.items, response_metadata: { next_cursor: paged.next } }) : fail('invalid_limit')
}
