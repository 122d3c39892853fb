// Puts times, lists and people into words.

/** `U…` and `S…` ids become mentions where Slack shows them; here they are only listed. */
export const people = (ids: readonly string[]): string => enumerate(ids.map((id) => `@${id}`))

export const isChannelId = (channel: string): boolean => /^[CGD][A-Z0-9]{6,}$/.test(channel)

/** A channel as people write it, whichever way the config does. */
export const channelWords = (channel: string): string =>
  isChannelId(channel) ? channel : `#${channel.replace(/^#/, '')}`

/** What was thrown, for people. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export function enumerate(words: readonly string[], most = 3): string {
  if (words.length <= 1) return words[0] ?? ''
  if (words.length > most) return `${words.slice(0, most - 1).join(', ')} and ${words.length - most + 1} more`
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`
}

/** `45 s`, `12 min`, `2 h 5 min`, `3 d`: two units at most, for people. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours >= 48) return `${Math.round(hours / 24)} d`
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
}

export const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`

/** An object's own entry: ids come from outside, and `constructor` could be one. */
export const own = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined

/** At most `most` UTF-16 units, the last one an ellipsis if something was cut; never half a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const kept = text.slice(0, most - 1)
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`
}

/** The same, and no half of a word: an address that is cut leads nowhere. */
export function cutAtWord(text: string, most: number): string {
  if (text.length <= most) return text
  const kept = text.slice(0, most - 1)
  const end = kept.lastIndexOf(' ')
  return end > 0 ? `${kept.slice(0, end)} …` : cut(text, most)
}

export const formats = new Map<string, Intl.DateTimeFormat>()

/** `14:39 UTC` */
export function clock(ms: number, timeZone: string): string {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone, timeZoneName: 'short' })
    formats.set(timeZone, format)
  }
  return format.format(ms)
}
