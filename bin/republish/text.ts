// What a republish says before it starts and after it has ended.
import { grouped, messages, size } from '../../lambda/runbooks/relieve-queue-backlog/backlog.ts'
import type { Manifest } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { leftIn, type Progress } from '../../lambda/runbooks/relieve-queue-backlog/back/progress.ts'
import { duration } from '../../lambda/core/words/words.ts'
import { WIDTH, wrap } from '../terminal/words.ts'
import type { KeptQueue } from '../../lambda/runbooks/relieve-queue-backlog/back/kept.ts'
import type { Sent } from '../../lambda/runbooks/relieve-queue-backlog/back/send.ts'

export interface Wanted {
  perSecond: number
  limit: number
  sendsUncertain: boolean
  isDry: boolean
  yes: boolean
}

export const isSent = ({ progress, manifest }: KeptQueue, { sendsUncertain }: Wanted): boolean =>
  leftIn(progress, manifest) === 0 && progress.open.length === 0 && !(sendsUncertain && progress.uncertain.length > 0)

/** The queue as it is now, and where both are. */
export interface Ends {
  messages: number
  consumers?: number
  place: string
  from: string
}

export function whatItDoes({ manifest, progress, isUnfinished }: KeptQueue, ends: Ends, wanted: Wanted): string {
  const { perSecond, limit, sendsUncertain } = wanted
  const left = leftIn(progress, manifest) + progress.open.length + (sendsUncertain ? progress.uncertain.length : 0)
  const total = Math.min(left, limit)
  const before = manifest.count - left - (sendsUncertain ? 0 : progress.uncertain.length)
  const sentences = [
    `This sends ${messages(total)}${total === manifest.count ? ` (${size(manifest.bytes)})` : ` of ${grouped(manifest.count)}`} back to ${manifest.queue} on ${ends.place}: in their order, ${grouped(perSecond)} a second, about ${duration((total / perSecond) * 1000)}.`,
    `The queue holds about ${messages(ends.messages)}${ends.consumers === undefined ? '' : `; consumers: ${ends.consumers}`}.`,
    before > 0 && `${messages(before)} were sent before.`,
    progress.open.length > 0 &&
      `${messages(progress.open.length)} were in flight when it was stopped: it looks for them in the queue first, without consuming any.`,
    manifest.doubtful > 0 &&
      `${messages(manifest.doubtful)} may be in the queue as well, since a crash while they were taken: consumers may see them twice.`,
    isUnfinished && 'The run did not finish: this is what it had removed from the queue by then.',
    `The copy stays in ${ends.from}`,
  ]
  return sentences.flatMap((sentence) => (sentence === false ? [] : [wrap(sentence, WIDTH, 0)])).join('\n')
}

export function whatItDid(manifest: Manifest, { count: sent, progress, why }: Sent, ms: number): string {
  const left = leftIn(progress, manifest)
  const rest = left === 0 ? 'None is left' : `${grouped(left)} are left: run it again`
  return `${manifest.queue}: ${messages(sent)} sent and confirmed in ${duration(ms)}${why === undefined ? '' : `; ${why}`}. ${rest}.\n${whatIsUncertain(progress)}`
}

export const whatIsUncertain = ({ uncertain }: Progress): string =>
  uncertain.length === 0
    ? ''
    : `${wrap(`${messages(uncertain.length)} left out: a republish was stopped while they were under way, and a consumer may have had them since. --uncertain send sends them too.`, WIDTH, 0)}\n`
