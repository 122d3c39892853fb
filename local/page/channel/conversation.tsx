/** A list of messages that stays at its newest end, and the field for writing: used by the channel and by the thread. */
import { useState } from 'react'
import type { FormEvent, KeyboardEvent, ReactNode } from 'react'
import type { Message as SlackMessage } from '../../slack/types.ts'
import { order } from '../client.ts'
import { Send } from '../icons.tsx'
import { Message } from './message.tsx'
import { useSlack } from '../person.ts'
import { useStayAtEnd } from '../scroll.ts'

/** Slack groups one person's messages under one name for five minutes. */
const CONTINUED_SECONDS = 300

const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' })
const dayOf = ({ ts }: SlackMessage) => day.format(new Date(Number(ts) * 1000))

const isContinued = (message: SlackMessage, before: SlackMessage | undefined) =>
  before !== undefined &&
  before.user === message.user &&
  before.visibleTo === message.visibleTo &&
  // A message with blocks stands for itself.
  !message.blocks &&
  !before.blocks &&
  Number(message.ts) - Number(before.ts) < CONTINUED_SECONDS

interface ListProps {
  label: string
  messages: SlackMessage[]
  repliesTo?: (message: SlackMessage) => SlackMessage[]
  onThread?: (ts: string) => void
  empty?: ReactNode
}

export function MessageList({ label, messages, repliesTo, onThread, empty }: ListProps) {
  const list = useStayAtEnd<HTMLDivElement>()
  return (
    <div {...list} className="messages" role="log" aria-label={label} tabIndex={0}>
      {messages.length === 0 && empty}
      {messages.map((message, index) => {
        const before = messages[index - 1]
        const isNewDay = !before || dayOf(before) !== dayOf(message)
        return (
          <div key={message.ts}>
            {onThread && isNewDay && (
              <p className="day">
                <span>{dayOf(message)}</span>
              </p>
            )}
            <Message
              message={message}
              isContinued={!isNewDay && isContinued(message, before)}
              {...(repliesTo && { replies: repliesTo(message) })}
              {...(onThread && { onThread })}
            />
          </div>
        )
      })}
    </div>
  )
}

export function Composer({
  channel,
  threadTs,
  placeholder,
}: {
  channel: string
  threadTs?: string
  placeholder: string
}) {
  const { me, people } = useSlack()
  const [text, setText] = useState('')
  const name = people.find(({ id }) => id === me)?.name
  const send = (event?: FormEvent) => {
    event?.preventDefault()
    if (!text.trim()) return
    setText('')
    void order('say', { userId: me, channel, text, ...(threadTs && { threadTs }) })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <form className="composer" onSubmit={send}>
      <textarea
        rows={1}
        value={text}
        placeholder={placeholder}
        aria-label={`${placeholder} as ${name}`}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" className="send" aria-label="Send" disabled={!text.trim()}>
        <Send />
      </button>
    </form>
  )
}
