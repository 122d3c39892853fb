// What a channel is told besides incidents: a digest of a flood of them and, in the common channel, of Tocsin itself. Each is one message.
import type { Board, Ignoring, Unreadable } from '../incident/board.ts'
import { callsOf, changeOf, inDigests, type Digest, type InDigest } from './digest.ts'

/** `count` is another one with every visible change; `calls`: how often people were called about it. */
export interface Notice {
  of: string
  count: number
  since: number
  calls: number
  digest?: InDigest
  /** It says nothing that anybody needs, and is not posted. */
  isEmpty?: boolean
}

/** Each series of unreadable messages is a message of its own. */
const UNREADABLE = 'unreadable@'
const IGNORED = 'ignored@'
const DIGEST = 'digest@'

export const unreadableId = ({ since }: Unreadable): string => `${UNREADABLE}${since}`
export const digestId = ({ since }: Pick<Digest, 'since'>): string => `${DIGEST}${since}`
const ignoredId = ({ since }: Ignoring): string => `${IGNORED}${since}`

export const isNotice = (of: string): boolean => [UNREADABLE, IGNORED, DIGEST].some((kind) => of.startsWith(kind))
export const isDigest = (of: string): boolean => of.startsWith(DIGEST)
export const isAboutIgnored = (of: string): boolean => of.startsWith(IGNORED)

export function noticesAt(
  place: string,
  board: Pick<Board, 'unreadable' | 'ignored' | 'digests' | 'index'>,
  common: string,
): Notice[] {
  const { unreadable, ignored } = board
  const digests = inDigests(board, place).map((digest): Notice => ({
    of: digestId(digest.digest),
    count: changeOf(digest),
    since: digest.digest.since,
    calls: callsOf(digest.digest),
    isEmpty: digest.digest.count === digest.digest.own,
    digest,
  }))
  if (place !== common) return digests
  return [
    ...digests,
    ...(unreadable
      ? [{ of: unreadableId(unreadable), count: unreadable.count, since: unreadable.since, calls: 0 }]
      : []),
    ...(ignored ? [{ of: ignoredId(ignored), count: 1, since: ignored.since, calls: 0 }] : []),
  ]
}
