/** Draws what is only shown, with slack-blocks-to-jsx: Slack's own text formats and every block without buttons. */
import { memo } from 'react'
import { Message as LibraryBlocks } from 'slack-blocks-to-jsx'
import type { Block as LibraryBlock } from 'slack-blocks-to-jsx'
import type { Block } from '../../slack/types.ts'
import { useSlack } from '../person.ts'

/** The ids Slack gives out differ on every edit and are nothing a person sees. */
export const looks = (block: Block) =>
  JSON.stringify(block, (key, value: unknown) => (key === 'block_id' ? undefined : value))

const sameLooks = (before: { block: Block }, after: { block: Block }) => looks(before.block) === looks(after.block)

/** Slack still formats mrkdwn that is `verbatim` and only leaves bare addresses alone; the library would show it raw.
 * The library also puts a space after each &gt;, so the one that is there goes. */
const formatted = (block: Block): Block => {
  const json = JSON.stringify(block, (key, value: unknown) => (key === 'verbatim' ? undefined : value))
  return JSON.parse(json.replaceAll('&gt; ', '&gt;')) as Block
}

/** What is not an emoji stays as written: the library would take the colons out of 12:02:10. */
const emojiOrText = (emoji: { name: string }, draw: (emoji: { name: string }) => string) => {
  const drawn = draw(emoji)
  return drawn === emoji.name ? `:${emoji.name}:` : drawn
}

/** A block that only shows something. */
export const Still = memo(function Still({ block }: { block: Block }) {
  const { people, bot, channels } = useSlack()
  return (
    <LibraryBlocks
      blocks={[formatted(block) as unknown as LibraryBlock]}
      name=""
      logo=""
      theme="light"
      withoutWrapper
      data={{ users: [...people, bot], channels: [...channels] }}
      hooks={{ emoji: emojiOrText }}
    />
  )
}, sameLooks)

/** A text object, plain or mrkdwn. */
export const Text = ({ type = 'mrkdwn', text }: { type?: string; text: string }) => (
  <Still block={{ type: 'section', text: { type, text } }} />
)
