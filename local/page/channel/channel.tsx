/** The channel, and next to it the open thread. */
import type { ReactNode } from 'react'
import type { Channel, Message as SlackMessage } from '../../slack/types.ts'
import { Composer, MessageList } from './conversation.tsx'
import { Bell, Cross } from '../icons.tsx'
import { useSlack } from '../person.ts'

const inChannel = (channel: Channel) => (message: SlackMessage) => message.channel === channel.id

const isReply = (message: SlackMessage) => message.thread_ts !== undefined && message.thread_ts !== message.ts

interface Props {
  channel: Channel
  onThread: (ts: string) => void
  /** The way to the other channels, where there is no room for the sidebar. */
  children: ReactNode
}

export function ChannelView({ channel, onThread, children }: Props) {
  const all = useSlack().messages.filter(inChannel(channel))
  const shown = all.filter((message) => !isReply(message) || message.subtype === 'thread_broadcast')
  const repliesTo = ({ ts }: SlackMessage) =>
    all.filter((reply) => isReply(reply) && reply.thread_ts === ts && !reply.visibleTo)
  return (
    <section className="channel" aria-label={`Channel ${channel.name}`}>
      <header className="pane-header">
        <h1># {channel.name}</h1>
        <nav className="channels" aria-label="Channels">
          {children}
        </nav>
      </header>
      <MessageList
        label={`Messages in ${channel.name}`}
        messages={shown}
        repliesTo={repliesTo}
        onThread={(ts) => onThread(all.find((message) => message.ts === ts)?.thread_ts ?? ts)}
        empty={<Welcome name={channel.name} />}
      />
      <Composer channel={channel.id} placeholder={`Message #${channel.name}`} />
    </section>
  )
}

function Welcome({ name }: { name: string }) {
  return (
    <div className="welcome">
      <span className="avatar bot" aria-hidden="true">
        <Bell />
      </span>
      <h2>All quiet in #{name}</h2>
      <p>
        Play a scenario under “Behind the scenes”. Tocsin then posts its incident in the channel of the team that owns
        the cause, and you can press its buttons as Ana, Ben or Gus.
      </p>
    </div>
  )
}

export function ThreadPanel({ channel, ts, onClose }: { channel: Channel; ts: string; onClose: () => void }) {
  const all = useSlack().messages.filter(inChannel(channel))
  const thread = all.filter((message) => message.ts === ts || message.thread_ts === ts)
  return (
    <section
      className="thread"
      data-panel="thread"
      aria-label="Thread"
      onKeyDown={({ key, defaultPrevented }) => key === 'Escape' && !defaultPrevented && onClose()}
    >
      <header className="pane-header">
        <h2>
          Thread <small># {channel.name}</small>
        </h2>
        <button type="button" className="icon-button" aria-label="Close thread" onClick={onClose}>
          <Cross />
        </button>
      </header>
      <MessageList label="Messages in the thread" messages={thread} />
      <Composer channel={channel.id} threadTs={ts} placeholder="Reply" />
    </section>
  )
}
