// Text that strangers wrote, made harmless for Slack: no mention, link, emoji or format of it comes alive.
import { clock } from '../../words/words.ts'

const LOOKALIKE: Record<string, string> = { '*': '∗', '~': '∼', '`': 'ˋ', _: '＿', ':': '∶' }

/**
 * For mrkdwn. `&`, `<` and `>` as Slack's documentation asks; the characters that format are swapped for look-alikes, because Slack knows no
 * escape for them. An underscore inside a word formats nothing and stays.
 */
export function safe(text: string): string {
  return flat(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[*~`]|:(?=[\w+-]+(?::|$))|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (mark) => LOOKALIKE[mark]!)
}

/** For plain_text, which Slack does not interpret: one line, nothing invisible. */
export function flat(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
}

/** A link with a harmless label. The address is ours: built from encoded parts. */
export const link = (url: string, label: string): string => `<${url}|${safe(label).replace(/\|/g, '¦')}>`

/** A time that Slack shows in each reader's own zone; the fallback is for what cannot. */
export function time(ms: number, timeZone: string, format = '{time}'): string {
  return `<!date^${Math.floor(ms / 1000)}^${format}|${clock(ms, timeZone)}>`
}
