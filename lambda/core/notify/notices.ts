// What the common channel is told of Tocsin itself, besides incidents: each is one message.
import type { Board, Ignoring, Unreadable } from '../incident/board.ts'

/** `count` goes up with every visible change. */
export interface Notice {
  of: string
  count: number
  since: number
}

/** Each series of unreadable messages is a message of its own. */
const UNREADABLE = 'unreadable@'
const IGNORED = 'ignored@'

export const unreadableId = ({ since }: Unreadable): string => `${UNREADABLE}${since}`
const ignoredId = ({ since }: Ignoring): string => `${IGNORED}${since}`

export const isNotice = (of: string): boolean => of.startsWith(UNREADABLE) || of.startsWith(IGNORED)
export const isAboutIgnored = (of: string): boolean => of.startsWith(IGNORED)

export const noticesOf = ({ unreadable, ignored }: Pick<Board, 'unreadable' | 'ignored'>): Notice[] => [
  ...(unreadable ? [{ of: unreadableId(unreadable), count: unreadable.count, since: unreadable.since }] : []),
  ...(ignored ? [{ of: ignoredId(ignored), count: 1, since: ignored.since }] : []),
]
