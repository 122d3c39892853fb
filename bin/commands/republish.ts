// `tocsin republish`: sends back the messages that a run has kept, in order, at a given rate, each once.
import { setTimeout as sleep } from 'node:timers/promises'
import { grouped, messages } from '../../lambda/runbooks/relieve-queue-backlog/backlog.ts'
import { Refused, type Evidence } from '../../lambda/ports/tools.ts'
import { AWS_HELP, AWS_OPTIONS, parse, useAws, type Command } from '../command.ts'
import { DEFAULT_CONFIG, UserError } from '../load-config.ts'
import { progressOf, type KeptQueue } from '../../lambda/runbooks/relieve-queue-backlog/back/kept.ts'
import { keptBy } from '../republish/kept.ts'
import { leftIn } from '../../lambda/runbooks/relieve-queue-backlog/back/progress.ts'
import { send, settled } from '../../lambda/runbooks/relieve-queue-backlog/back/send.ts'
import { isSent, whatItDid, whatItDoes, whatIsUncertain, type Wanted } from '../republish/text.ts'
import { destination, evidenceAt, type Destination } from '../republish/where.ts'
import { agree } from '../terminal/agree.ts'
import type { Terminal } from '../terminal/terminal.ts'

const HELP = `tocsin republish --run RUN: sends back the messages that a run of relieve-queue-backlog has kept: in their order, each once.

  --run RUN              the run, as the incident's message shows it, like INC-0001-1
  --queue NAME           only what was kept of this queue
  --rate N               messages a second; by default 200
  --limit N              send at most N now; the next call continues from there
  --dry-run              say what it would do, and do nothing
  --uncertain send       also send messages that may already have been sent; by default they are left out
  --yes                  agree beforehand, in scripts
  --config FILE          where the broker is: the target of the service; by default tocsin.config.ts
  --api URL --amqp URL   the broker's management API and AMQP, instead of the config's
  --vhost NAME           its virtual host, by default the one that the messages came from
  --secret NAME          secret of Secrets Manager with its username and password
  --user NAME            its user; the password is asked for, or TOCSIN_BROKER_PASSWORD
  --bucket NAME          where the copy is stored; by default the deployed stack's bucket
  --prefix TEXT          what its keys begin with; by default evidence/
${AWS_HELP}
Each message goes to the end of the queue that it was taken from, whatever the bindings are now, with its own properties and headers, and with the
header x-tocsin-id. Queues of SQS need no broker. Stop it at any time: run again, it resumes. The copy stays in the bucket.

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
        const to = await destination(options, kept.manifest, terminal)
        isDone = (await republish({ evidence, ...to, terminal }, kept, wanted)) && isDone
      }
      return isDone ? 0 : 1
    } catch (error) {
      throw error instanceof Refused ? new UserError(error.message) : (unreachable(error) ?? error)
    }
  },
}

const AWAY = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
])

/** The broker's own addresses: AWS's are explained elsewhere. */
function unreachable(error: unknown): UserError | undefined {
  if (!(error instanceof Error) || '$metadata' in error) return undefined
  const { code, name } = (error.cause ?? error) as { code?: string; name?: string }
  if (!AWAY.has(code ?? '') && name !== 'TimeoutError' && error.name !== 'TimeoutError') return undefined
  return new UserError(
    `the broker does not answer (${code ?? error.message}): it may be reachable from its own network only; run this there, or check --api and --amqp. What was sent is noted: call it again`,
  )
}

function number(option: string, text: string): number {
  const value = Number(text)
  if (!(value >= 1)) throw new UserError(`--${option} takes a number of 1 or more, not ${JSON.stringify(text)}`)
  return value
}

async function republish(
  { evidence, outlet, place, terminal }: Destination & { evidence: Evidence; terminal: Terminal },
  kept: KeptQueue,
  wanted: Wanted,
): Promise<boolean> {
  const { manifest, folder, progress: before } = kept
  const { queue } = manifest
  const now = await outlet.holds()
  if (!now) throw new UserError(`there is no queue ${queue} on ${place}: declare it first, as its consumers do`)
  if (isSent(kept, wanted)) {
    await terminal.print(`${queue}: all ${messages(manifest.count)} are sent already.\n${whatIsUncertain(before)}`)
    return before.uncertain.length === 0
  }
  const plan = whatItDoes(kept, { ...now, place, from: evidence.place(folder) }, wanted)
  if (wanted.isDry) {
    await terminal.print(`${plan}\n`)
    return true
  }
  await aloneAtWork(evidence, kept, terminal)
  if (!(await agree(terminal, wanted, plan))) return false
  const progress = await settled({ evidence, outlet }, kept, wanted.sendsUncertain)
  const total = Math.min(leftIn(progress, manifest), wanted.limit)
  const begun = Date.now()
  const tell = (sent: number, waits?: string): void =>
    terminal.waiting(`  … ${grouped(sent)} of ${messages(total)}${waits === undefined ? '' : `; it waits: ${waits}`}`)
  const { perSecond, limit } = wanted
  const sent = await send(
    { evidence, outlet, perSecond, limit, tell, clock: CLOCK, giveUpMs: GIVE_UP_MS },
    kept,
    progress,
  )
  terminal.waiting()
  await terminal.print(whatItDid(manifest, sent, Date.now() - begun))
  return leftIn(sent.progress, manifest) === 0 && sent.progress.uncertain.length === 0
}

const CLOCK = { now: Date.now, sleep }
/** A queue that stays full this long has no consumer. */
const GIVE_UP_MS = 10 * 60_000

/** Longer than a republish at work ever goes without a note, unless its queue is full. */
const SIGN_OF_LIFE_MS = 4_000

/** The last one did not finish: it was stopped, or is still at work. Two at once would send everything twice. */
async function aloneAtWork(evidence: Evidence, { folder, progress }: KeptQueue, terminal: Terminal): Promise<void> {
  if (progress.ended) return
  terminal.waiting('  … is another republish of this run still running?')
  await sleep(SIGN_OF_LIFE_MS)
  terminal.waiting()
  if (JSON.stringify(await progressOf(evidence, folder)) !== JSON.stringify(progress))
    throw new UserError('another republish of this run is still running: wait until it finishes, or stop it')
}
