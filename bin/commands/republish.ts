// `tocsin republish`: sends the messages back that a run has kept, in their order, at a rate, each once.
import { setTimeout as sleep } from 'node:timers/promises'
import { count, messages, size } from '../../lambda/core/backlog.ts'
import { duration } from '../../lambda/core/words.ts'
import { Refused, type Broker, type BrokerQueue, type Evidence } from '../../lambda/ports.ts'
import { AWS_HELP, AWS_OPTIONS, parse, useAws, type Command } from '../command.ts'
import { DEFAULT_CONFIG, UserError } from '../load-config.ts'
import { keptBy, progressOf, type KeptQueue } from '../republish/kept.ts'
import { send, settled } from '../republish/send.ts'
import { destination, evidenceAt } from '../republish/where.ts'
import { agree } from '../terminal/agree.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { WIDTH, wrap } from '../terminal/words.ts'

const HELP = `tocsin republish --run RUN: sends the messages back that a run of relieve-queue-backlog has kept: in their order, each once.

  --run RUN              the run, as it stands in the incident's message, like INC-0001-1
  --queue NAME           only what was kept of this queue
  --rate N               messages a second; by default 200
  --limit N              so many at most this time; the next call goes on behind them
  --dry-run              say what it would do, and do nothing
  --uncertain send       send also those of which nobody knows whether they were sent; by default they are left out
  --yes                  agree beforehand, in scripts
  --config FILE          where the broker is: the target of the service; by default tocsin.config.ts
  --api URL --amqp URL   the broker's management API and AMQP, instead of the config's
  --vhost NAME           its virtual host, by default the one that the messages came from
  --secret NAME          secret of Secrets Manager with its username and password
  --user NAME            its user; the password is asked for, or TOCSIN_BROKER_PASSWORD
  --bucket NAME          where the copy lies; by default the deployed stack's bucket
  --prefix TEXT          what its keys begin with; by default evidence/
${AWS_HELP}
Each message goes to the end of the queue that it was taken from, whatever the bindings are now, with its own properties and headers, and with the
header x-tocsin-id. Stop it when you like: called again, it goes on where it was. The copy stays in the bucket.

Exit code 0: all are sent. 1: some are not yet, or are uncertain. 2: it could not run.
`

const OPTIONS = {
  ...AWS_OPTIONS,
  run: { type: 'string' },
  queue: { type: 'string' },
  rate: { type: 'string', default: '200' },
  limit: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  uncertain: { type: 'string', default: 'leave' },
  yes: { type: 'boolean', default: false },
  config: { type: 'string', default: DEFAULT_CONFIG },
  api: { type: 'string' },
  amqp: { type: 'string' },
  vhost: { type: 'string' },
  secret: { type: 'string' },
  user: { type: 'string' },
  bucket: { type: 'string' },
  prefix: { type: 'string' },
} as const

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const options = parse('republish', args, OPTIONS)
    if (options.run === undefined)
      throw new UserError('which run? Give --run, like --run INC-0001-1; see tocsin republish --help')
    if (options.uncertain !== 'leave' && options.uncertain !== 'send')
      throw new UserError('write --uncertain send or --uncertain leave')
    const wanted: Wanted = {
      perSecond: number('rate', options.rate.replace(/\/s$/, '')),
      limit: options.limit === undefined ? Infinity : number('limit', options.limit),
      sendsUncertain: options.uncertain === 'send',
      isDry: options['dry-run'],
      yes: options.yes,
    }
    useAws(options)
    try {
      const evidence = await evidenceAt(options)
      let isDone = true
      for (const kept of await keptBy(evidence, options.run, options.queue)) {
        if (kept.manifest.kind === 'sqs')
          throw new UserError(`${kept.manifest.queue} is a queue of SQS: republish sends to RabbitMQ`)
        const { broker, place } = await destination(options, kept.manifest, terminal)
        isDone = (await republish(evidence, broker, place, kept, wanted, terminal)) && isDone
      }
      return isDone ? 0 : 1
    } catch (error) {
      throw error instanceof Refused ? new UserError(error.message) : error
    }
  },
}

function number(option: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new UserError(`--${option} takes a number above 0, not ${JSON.stringify(text)}`)
  return value
}

interface Wanted {
  perSecond: number
  limit: number
  sendsUncertain: boolean
  isDry: boolean
  yes: boolean
}

async function republish(
  evidence: Evidence,
  broker: Broker,
  place: string,
  kept: KeptQueue,
  wanted: Wanted,
  terminal: Terminal,
): Promise<boolean> {
  const { manifest, folder } = kept
  const { queue } = manifest
  const now = (await broker.queues()).find(({ name }) => name === queue)
  if (!now) throw new UserError(`there is no queue ${queue} on ${place}: declare it first, as its consumers do`)
  if (isSent(kept, wanted)) {
    await terminal.print(`${queue}: all ${messages(manifest.count)} are sent already.\n`)
    return kept.progress.uncertain.length === 0
  }
  const plan = whatItDoes(kept, now, place, evidence.place(folder), wanted)
  if (wanted.isDry) {
    await terminal.print(`${plan}\n`)
    return true
  }
  await aloneAtWork(evidence, kept, terminal)
  if (!(await agree(terminal, wanted, plan))) return false
  const progress = await settled({ evidence, broker }, kept, wanted.sendsUncertain)
  const total = Math.min(progress.open.length + manifest.count - progress.done, wanted.limit)
  const begun = Date.now()
  const tell = (sent: number, waits?: string): void =>
    terminal.waiting(`  … ${count(sent)} of ${messages(total)}${waits === undefined ? '' : `; it waits: ${waits}`}`)
  const sent = await send({ evidence, broker, perSecond: wanted.perSecond, limit: wanted.limit, tell }, kept, progress)
  terminal.waiting()
  const left = manifest.count - sent.progress.done + sent.progress.open.length
  const { uncertain } = sent.progress
  await terminal.print(
    `${queue}: ${messages(sent.count)} sent and confirmed in ${duration(Date.now() - begun)}${sent.why === undefined ? '' : `; ${sent.why}`}. ${left === 0 ? 'None is left' : `${count(left)} are left: call it again`}.\n${doubts(uncertain.length)}`,
  )
  return left === 0 && uncertain.length === 0
}

const isSent = ({ progress, manifest }: KeptQueue, { sendsUncertain }: Wanted): boolean =>
  progress.done >= manifest.count && progress.open.length === 0 && !(sendsUncertain && progress.uncertain.length > 0)

const doubts = (uncertain: number): string =>
  uncertain === 0
    ? ''
    : `${messages(uncertain)} left out: a republish was stopped while they were under way, and a consumer may have had them since. --uncertain send sends them too.\n`

function whatItDoes(
  { manifest, progress, isUnfinished }: KeptQueue,
  now: BrokerQueue,
  place: string,
  from: string,
  wanted: Wanted,
): string {
  const left =
    manifest.count - progress.done + progress.open.length + (wanted.sendsUncertain ? progress.uncertain.length : 0)
  const total = Math.min(left, wanted.limit)
  const sentences = [
    `This sends ${messages(total)}${total === manifest.count ? ` (${size(manifest.bytes)})` : ` of ${count(manifest.count)}`} back to ${manifest.queue} on ${place}: in their order, ${count(wanted.perSecond)} a second, about ${duration((total / wanted.perSecond) * 1000)}.`,
    `The queue holds about ${messages(now.messages)}; consumers: ${now.consumers}.`,
    progress.done > 0 && `${messages(progress.done - progress.open.length)} were sent before.`,
    progress.open.length > 0 &&
      `${messages(progress.open.length)} were under way when it was stopped: it looks for them in the queue first, without consuming any.`,
    manifest.doubtful > 0 &&
      `${messages(manifest.doubtful)} may be in the queue as well, since a crash while they were taken: consumers may see them twice.`,
    isUnfinished && 'The run did not come to its end: this is what it had removed from the queue by then.',
    `The copy stays in ${from}`,
  ]
  return sentences.flatMap((sentence) => (sentence === false ? [] : [wrap(sentence, WIDTH, 0)])).join('\n')
}

/** Longer than one that is at work goes without a note, unless its queue is full. */
const SIGN_OF_LIFE_MS = 4_000

/** The last one did not come to its end: it was stopped, or is still at work. Two at once would send everything twice. */
async function aloneAtWork(evidence: Evidence, { folder, progress }: KeptQueue, terminal: Terminal): Promise<void> {
  if (progress.ended) return
  terminal.waiting('  … is another republish of this run at work?')
  await sleep(SIGN_OF_LIFE_MS)
  terminal.waiting()
  if (JSON.stringify(await progressOf(evidence, folder)) !== JSON.stringify(progress))
    throw new UserError('another republish of this run is at work: wait for its end, or stop it')
}
