/** One message: who, when, what, and the way into its thread. */
import type { Message as SlackMessage } from '../../slack/types.ts'
import { Blocks } from './blocks.tsx'
import { Bell, Eye, Reply } from '../icons.tsx'
import { useSlack } from '../person.ts'
import { usePress } from '../press.ts'
import { Text } from './text.tsx'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const dateOf = (ts: string) => new Date(Number(ts) * 1000)

const FACES = ['#1d7a5a', '#3a5fb0', '#9a5b13', '#7a3d8a']

export function Avatar({ userId, small }: { userId: string; small?: boolean }) {
  const { people, bot } = useSlack()
  const size = small ? 'avatar small' : 'avatar'
  if (userId === bot.id)
    return (
      <span className={`${size} bot`} aria-hidden="true">
        <Bell size={small ? 14 : 24} />
      </span>
    )
  const index = people.findIndex(({ id }) => id === userId)
  return (
    <span className={size} style={{ background: FACES[index % FACES.length] }} aria-hidden="true">
      {people[index]?.name.charAt(0)}
    </span>
  )
}

interface Props {
  message: SlackMessage
  /** The thread's replies, oldest first. */
  replies?: SlackMessage[]
  /** Directly below another message from the same person. */
  isContinued?: boolean
  onThread?: (ts: string) => void
}

export function Message({ message, replies = [], isContinued = false, onThread }: Props) {
  const { me, people, bot, view, messages } = useSlack()
  const author = [...people, bot].find(({ id }) => id === message.user)
  const told = messages.filter(({ visibleTo }) => visibleTo === me).length
  const version = JSON.stringify([me, view?.id, told, message.edited, message.blocks])
  const press = usePress({ userId: me, channel: message.channel, ts: message.ts }, version)
  const isPrivate = message.visibleTo !== undefined
  return (
    <article className={`message${isContinued ? ' continued' : ''}${isPrivate ? ' private' : ''}`} data-ts={message.ts}>
      {isPrivate && (
        <p className="only-you">
          <Eye /> Only visible to you
        </p>
      )}
      {isContinued ? (
        <time title={exact.format(dateOf(message.ts))}>{clock.format(dateOf(message.ts))}</time>
      ) : (
        <Avatar userId={message.user} />
      )}
      <div className="message-body">
        {!isContinued && (
          <header>
            <b>{author?.name}</b>
            {message.bot_id && <span className="badge">APP</span>}
            <time title={exact.format(dateOf(message.ts))}>{clock.format(dateOf(message.ts))}</time>
          </header>
        )}
        {message.subtype === 'thread_broadcast' && <p className="broadcast">replied to a thread</p>}
        {message.blocks?.length ? <Blocks blocks={message.blocks} press={press} /> : <Text text={message.text} />}
        {message.edited && (
          <span className="edited" title={`Edited ${exact.format(dateOf(message.edited.ts))}`}>
            (edited)
          </span>
        )}
        {message.reactions && (
          <p className="reactions">
            {message.reactions.map(({ name, count }) => (
              <span key={name}>
                :{name}: {count}
              </span>
            ))}
          </p>
        )}
        {onThread && replies.length > 0 && <ThreadLink replies={replies} onOpen={() => onThread(message.ts)} />}
      </div>
      {onThread && !isPrivate && (
        <button
          type="button"
          className="icon-button reply"
          data-reply
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={() => onThread(message.ts)}
        >
          <Reply />
        </button>
      )}
    </article>
  )
}

function ThreadLink({ replies, onOpen }: { replies: SlackMessage[]; onOpen: () => void }) {
  const users = [...new Set(replies.map(({ user }) => user))]
  const last = replies.at(-1)
  return (
    <button type="button" className="thread-link" data-thread onClick={onOpen}>
      {users.slice(0, 4).map((user) => (
        <Avatar key={user} userId={user} small />
      ))}
      <b>{replies.length === 1 ? '1 reply' : `${replies.length} replies`}</b>
      <span>Last reply {last && clock.format(dateOf(last.ts))}</span>
    </button>
  )
}
