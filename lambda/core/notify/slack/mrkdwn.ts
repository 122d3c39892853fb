// Makes untrusted text harmless in Slack: no mention, link, emoji or formatting in it takes effect.
import { channelWords, clock, isChannelId } from '../../words/words.ts'

const LOOKALIKE: Record<string, string> = { '*': '∗', '~': '∼', '`': 'ˋ', _: '＿', ':': '∶' }

/**
 * For mrkdwn. Escapes `&`, `<` and `>` as Slack documents it; swaps formatting characters for look-alikes, because Slack has no escape for
 * them. An underscore inside a word formats nothing and stays.
 */
export const safe = (text: string): string => escaped(flat(text))

const escaped = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[*~`]|:(?=[\w+-]+(?::|$))|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (mark) => LOOKALIKE[mark]!)

/** For plain_text, which Slack does not interpret: one line, nothing invisible. */
export function flat(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
}

/** A link with a harmless label. The URL is our own, built from encoded parts, or that of the config. */
export const link = (url: string, label: string): string => `<${inLink(url)}|${safe(label).replace(/\|/g, '¦')}>`

const inLink = (url: string): string =>
  url.replace(/&/g, '&amp;').replace(/</g, '%3C').replace(/>/g, '%3E').replace(/\|/g, '%7C')

/** Addresses in it can be opened; everything else is harmless. */
export const withLinks = (words: string): string =>
  flat(words)
    .split(/(https?:\/\/[\w.-]+(?::\d{1,5})?(?:[/?#][\w\-.~:/?#[\]@!$&'()*+,;=%]*)?)/)
    .map((part, place) => (place % 2 === 0 ? escaped(part) : address(part)))
    .join('')

/** Without the full stop that ends its sentence. */
function address(url: string): string {
  const end = url.search(/[.,;:!?)\]']$/)
  const [inside, after] = end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end)]
  return `<${inLink(inside)}>${after}`
}

/** A channel, as the config writes it. */
export const channelName = (channel: string): string =>
  isChannelId(channel) ? `<#${channel}>` : safe(channelWords(channel))

/** A time that Slack shows in each reader's own time zone; the fallback is for clients that cannot. */
export function time(ms: number, timeZone: string, format = '{time}'): string {
  return `<!date^${Math.floor(ms / 1000)}^${format}|${clock(ms, timeZone)}>`
}

/** In monospace, which shows every character. */
export const code = (words: string): string =>
  `\`${flat(words).replace(/`/g, 'ˋ').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')}\``
