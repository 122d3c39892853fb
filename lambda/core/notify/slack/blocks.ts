// The Block Kit pieces that messages are made of, cut to Slack's limits.
import { cut } from '../../words/words.ts'

export type Block = Record<string, unknown> & { type: string }

export interface Message {
  text: string
  blocks: Block[]
}

export const SECTION_MOST = 3000

/** `verbatim`: Slack does not linkify what looks like a link. */
export const text = (words: string): Record<string, unknown> => ({ type: 'mrkdwn', text: words, verbatim: true })

export const section = (words: string): Block => ({ type: 'section', text: text(cut(words, SECTION_MOST)) })

export const context = (words: string): Block => ({ type: 'context', elements: [text(words)] })

/** Of titles and of what a modal asks with: nothing in it is interpreted. */
export const plain = (words: string): Record<string, unknown> => ({ type: 'plain_text', text: words, emoji: false })
