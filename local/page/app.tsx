/** The page: Slack in the middle, the stage on the right; on a phone, one of them at a time. */
import { useEffect, useState } from 'react'
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
  const channel = slack?.channels.find(({ id }) => id === channelId) ?? slack?.channels[0]
  const isThreadGone =
    threadTs !== undefined && slack !== undefined && !slack.messages.some(({ ts }) => ts === threadTs)
  useEffect(() => {
    if (isThreadGone) setThreadTs(undefined)
  }, [isThreadGone])

  if (!state || !slack || !channel)
    return <p className="loading">{connected ? 'Opening…' : 'Waiting for the local server…'}</p>
  return (
    <SlackContext value={slack}>
      <div className={`app on-${tab}${threadTs ? ' with-thread' : ''}`}>
        <TopBar slack={slack} onPerson={choose} connected={connected} />
        <Sidebar channels={slack.channels} channel={channel} onChannel={setChannelId} />
        <ChannelView key={`${channel.id}${slack.me}`} channel={channel} onThread={setThreadTs} />
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

function Sidebar({
  channels,
  channel,
  onChannel,
}: {
  channels: Channel[]
  channel: Channel
  onChannel: (id: string) => void
}) {
  return (
    <nav className="sidebar" aria-label="Channels">
      <h2>Channels</h2>
      {channels.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          aria-current={id === channel.id ? 'page' : undefined}
          onClick={() => onChannel(id)}
        >
          # {name}
        </button>
      ))}
      <h2>Apps</h2>
      <p>
        <span className="avatar small bot" aria-hidden="true">
          <Bell size={14} />
        </span>{' '}
        Tocsin
      </p>
    </nav>
  )
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
