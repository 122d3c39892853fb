/** The page: Slack in the middle, the stage on the right; on a phone, one of them at a time. */
import { useEffect, useState, type MouseEvent } from 'react'
import type { Channel, Snapshot } from '../slack/types.ts'
import { Behind } from './behind/behind.tsx'
import { ChannelView, ThreadPanel } from './channel/channel.tsx'
import { useLive } from './client.ts'
import { Bell } from './icons.tsx'
import { Avatar } from './channel/message.tsx'
import { Modal } from './channel/modal.tsx'
import { SlackContext, usePersonInAddress } from './person.ts'

type Tab = 'slack' | 'behind'

export function App() {
  const [userId, choose] = usePersonInAddress()
  const { state, connected } = useLive(userId, () => choose(''))
  const [tab, setTab] = useState<Tab>('slack')
  const [channelId, setChannelId] = useState<string>()
  const [threadTs, setThreadTs] = useState<string>()
  const slack = state?.slack
  const [seen, setSeen] = useState<Record<string, number>>({})
  // Until somebody chooses one: where there is something to read.
  const chosen = channelId ?? slack?.messages[0]?.channel
  const channel = slack?.channels.find(({ id }) => id === chosen) ?? slack?.channels[0]
  const count = slack?.messages.filter((message) => message.channel === channel?.id).length ?? 0
  useEffect(() => {
    if (channel) setSeen((known) => ({ ...known, [channel.id]: count }))
  }, [channel?.id, count])
  const open = (id: string) => {
    setChannelId(id)
    setThreadTs(undefined)
  }
  const isThreadGone =
    threadTs !== undefined && slack !== undefined && !slack.messages.some(({ ts }) => ts === threadTs)
  useEffect(() => {
    if (isThreadGone) setThreadTs(undefined)
  }, [isThreadGone])

  if (!state || !slack || !channel)
    return <p className="loading">{connected ? 'Opening…' : 'Waiting for the local server…'}</p>
  return (
    <SlackContext value={slack}>
      <div className={`app on-${tab}${threadTs ? ' with-thread' : ''}`} onClick={followLink(slack, open)}>
        <TopBar slack={slack} onPerson={choose} connected={connected} />
        <nav className="sidebar" aria-label="Channels">
          <h2>Channels</h2>
          <Channels slack={slack} channel={channel} seen={seen} onChannel={open} />
          <h2>Apps</h2>
          <p>
            <span className="avatar small bot" aria-hidden="true">
              <Bell size={14} />
            </span>{' '}
            Tocsin
          </p>
        </nav>
        <ChannelView key={`${channel.id}${slack.me}`} channel={channel} onThread={setThreadTs}>
          <Channels slack={slack} channel={channel} seen={seen} onChannel={open} />
        </ChannelView>
        {threadTs && (
          <ThreadPanel key={threadTs} channel={channel} ts={threadTs} onClose={() => setThreadTs(undefined)} />
        )}
        <Behind state={state} />
        <Tabs tab={tab} onTab={setTab} />
      </div>
      {slack.view && <Modal key={slack.view.id} view={slack.view} userId={slack.me} />}
    </SlackContext>
  )
}

function TopBar({
  slack,
  onPerson,
  connected,
}: {
  slack: Snapshot
  onPerson: (id: string) => void
  connected: boolean
}) {
  return (
    <header className="top">
      <span className="brand">
        <Bell size={20} /> <b>Tocsin</b> <small>a pretend Slack</small>
      </span>
      {!connected && (
        <span className="offline" role="alert">
          Reconnecting…
        </span>
      )}
      <div className="people" role="group" aria-label="You are">
        <span className="you-are">You are</span>
        {slack.people.map(({ id, name, role }) => (
          <button key={id} type="button" data-user={id} aria-pressed={id === slack.me} onClick={() => onPerson(id)}>
            <Avatar userId={id} small />
            <b>{name}</b> <small>{role}</small>
          </button>
        ))}
      </div>
    </header>
  )
}

interface ChannelsProps {
  slack: Snapshot
  channel: Channel
  /** How many messages of each channel were there when it was last open. */
  seen: Readonly<Record<string, number>>
  onChannel: (id: string) => void
}

/** The channels of the workspace; those with something new are marked. */
function Channels({ slack: { channels, messages }, channel, seen, onChannel }: ChannelsProps) {
  return channels.map(({ id, name }) => {
    const isNew = messages.filter((message) => message.channel === id).length > (seen[id] ?? 0)
    return (
      <button
        key={id}
        type="button"
        data-channel={id}
        aria-current={id === channel.id ? 'page' : undefined}
        className={isNew && id !== channel.id ? 'unread' : ''}
        onClick={() => onChannel(id)}
      >
        # {name}
      </button>
    )
  })
}

/** A link to a message of this workspace opens its channel here. */
const followLink =
  ({ channels }: Snapshot, open: (channel: string) => void) =>
  (event: MouseEvent<HTMLElement>) => {
    const { href } = (event.target as HTMLElement).closest('a') ?? {}
    const [, id, ts] = /^https:\/\/slack\.com\/archives\/(\w+)\/p(\d+)$/.exec(href ?? '') ?? []
    if (id === undefined || !channels.some((channel) => channel.id === id)) return
    event.preventDefault()
    open(id)
    setTimeout(() => document.querySelector(`[data-ts="${ts!.slice(0, -6)}.${ts!.slice(-6)}"]`)?.scrollIntoView())
  }

function Tabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  const button = (id: Tab, name: string) => (
    <button type="button" aria-pressed={tab === id} data-tab={id} onClick={() => onTab(id)}>
      {name}
    </button>
  )
  return (
    <div className="tabs" role="group" aria-label="Show">
      {button('slack', 'Slack')}
      {button('behind', 'Behind the scenes')}
    </div>
  )
}
