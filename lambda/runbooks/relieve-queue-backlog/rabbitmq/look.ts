// Looks for the queue to relieve: the heaviest that may be, can be, and explains what the broker is short of.
import {
  aboveLevel,
  BOUND_SECONDS,
  boundOf,
  grouped,
  isAbove,
  levelOf,
  messages,
  percent,
  ranked,
  size,
  tightest,
  toRemove,
  type Level,
  type Ranked,
} from '../backlog.ts'
import type { BrokerNode, BrokerQueue } from '../../../ports/broker.ts'
import { folderOf } from '../kept/kept.ts'
import { whyNotTheCause } from '../shortage.ts'
import type { Options } from '../options.ts'
import { lengthIn, type Facts } from './facts.ts'
import { lengthLimit, prevention } from './limit.ts'
import { deliveryLimit, remarksOn, whyLeftAlone } from './preconditions.ts'
import { Refused, type Case, type Look, type Scope, type Tools } from '../../runbook.ts'

export async function look(tools: Tools, about: Case<Options>): Promise<Look<Facts>> {
  const { run, target, options, signals, approved } = about
  const { vhost, queues: allowed } = target.rabbitmq!
  const { broker } = tools
  const [nodes, queues, version] = await Promise.all([broker.nodes(), broker.queues(), broker.version()])
  const node = tightest(nodes)
  if (!node) throw new Error('no node of the broker runs')
  const all = ranked(queues, allowed)
  if (all.allowed.length === 0)
    throw new Refused(
      `the virtual host ${vhost} has no queue that may be relieved; target.rabbitmq.queues allows ${allowed.join(', ')}`,
    )
  const level = levelOf(options, node.memoryLimit, signals)
  const wanted = approved?.on['queue']
  const candidates = all.allowed.filter(({ name }) => wanted === undefined || name === wanted)
  if (candidates.length === 0) throw new Refused(`the queue ${wanted} is gone`)
  const judged = candidates.map((queue, rank) => ({
    queue,
    why:
      whyNotMeant(queue, about) ??
      whyNot(queue, { node, level, signals: signalsFor(queue, rank, about), version, waiting: all.bytes }),
  }))
  const chosen = judged.find(({ why }) => why === undefined) ?? judged[0]!
  const { queue } = chosen
  const keep = options.mode === 'shed' ? options.downTo : 0
  const bound = approved?.bounds?.['messages'] ?? boundOf(toRemove(queue.ready, keep), await arriving(tools, queue))
  const returns = deliveryLimit(queue, version)
  const limited = options.prevent
    ? await limitOf(tools, { queue, queues, node, keep, approved, options })
    : { without: undefined }
  const facts: Facts = {
    kind: 'rabbitmq',
    vhost,
    queue,
    node,
    level,
    keep,
    most: bound,
    ...(returns !== undefined && { returns }),
    ...('policy' in limited && { prevention: limited }),
    place: tools.evidence.place(folderOf(run, queue.name)),
  }
  const skipped = judged.slice(0, judged.indexOf(chosen)).filter(({ queue }) => isAbove(queue, level))
  const found = [
    tell(chosen.queue, all, node),
    ...skipped.map(({ queue, why }) => `${queue.name} is left alone: ${why}`),
    ...remarksOn(queue),
    ...('without' in limited && limited.without !== undefined ? [`it gets no limit: ${limited.without}`] : []),
  ].join('; ')
  return {
    found,
    facts,
    scope: scopeOf(facts, options),
    needs: { messages: Math.min(aboveLevel(queue, level), toRemove(queue.messages, keep)) },
    ...(chosen.why !== undefined && { stop: chosen.why }),
  }
}

/** Messages within ten minutes. Publishers that are blocked, or were a moment ago, send nothing now, and all the more once they may again. */
async function arriving({ broker }: Tools, queue: BrokerQueue): Promise<number> {
  return Math.max((queue.published ?? 0) * BOUND_SECONDS, (await broker.peak(queue)) ?? 0)
}

const isShort = (signals: readonly string[]): boolean =>
  signals.some((signal) => signal === 'memory' || signal === 'disk')

/** Where nothing else is short, an alarm that names a queue is about that one. What was approved by name is not judged by it again. */
function whyNotMeant({ name }: BrokerQueue, { signals, alarm, approved }: Case<Options>): string | undefined {
  const named = alarm.dimensions['Queue']
  if (named === undefined || named === name || isShort(signals) || approved) return undefined
  return `the alarm is about ${named}`
}

/**
 * An alarm about a length is about one queue: the one that it names, else the heaviest. Where memory or disk are short as well, the others have to explain
 * that; a lighter one is not taken because the heaviest cannot be.
 */
function signalsFor({ name }: BrokerQueue, rank: number, { signals, alarm }: Case<Options>): readonly string[] {
  const named = alarm.dimensions['Queue']
  const isAboutIt = named === undefined ? rank === 0 : named === name
  return isShort(signals) && !isAboutIt ? signals.filter((signal) => signal !== 'saturation') : signals
}

interface Around {
  node: BrokerNode
  level: Level
  signals: readonly string[]
  version: string
  /** Bytes of all queues. */
  waiting: number
}

function whyNot(queue: BrokerQueue, { node, level, signals, version, waiting }: Around): string | undefined {
  if (!isAbove(queue, level) && queue.measured)
    return `no queue backs up: the heaviest, ${queue.name}, holds ${messages(queue.messages)} (${size(queue.bytes)}), and a backlog begins at ${[...(level.messages === undefined ? [] : [grouped(level.messages)]), size(level.bytes)].join(' or ')}`
  const why = whyLeftAlone(queue, version)
  if (why !== undefined) return `${queue.name} cannot be relieved: ${why}`
  return whyNotTheCause(queue, node, { signals, above: aboveLevel(queue, level), waiting })
}

interface Limiting {
  approved: Scope | undefined
  options: Options
  queue: BrokerQueue
  queues: readonly BrokerQueue[]
  node: BrokerNode
  keep: number
}

/** The limit is the one that people saw, even if it would come out a little different by now. */
async function limitOf({ broker }: Tools, { queue, queues, node, keep, approved, options }: Limiting) {
  const [policies, bindings] = await Promise.all([broker.policies(), broker.bindings()])
  const length = options.maxLength ?? Math.max(keep, lengthLimit(node, queue))
  return prevention(queue, { policies, queues, bindings }, approved?.bounds?.[LIMIT] ?? length)
}

const LIMIT = 'messages at most from then on'

function scopeOf({ vhost, queue, most, keep, prevention: found }: Facts, { mode }: Options): Scope {
  const stay = keep === 0 ? '' : `, of which the newest ${grouped(keep)} stay`
  return {
    words: `up to ${messages(most)} of ${queue.name}${stay}`,
    on: {
      queue: queue.name,
      'virtual host': vhost,
      type: queue.type,
      consumers: queue.consumers.length === 0 ? 'none' : 'some',
      mode,
      limit: found ? 'yes' : 'no',
      'messages that stay': grouped(keep),
    },
    bounds: { messages: most, ...(found && { [LIMIT]: lengthIn(found) }) },
  }
}

function tell(
  queue: BrokerQueue,
  { bytes, longest, forbidden }: Ranked,
  { memoryUsed, memoryLimit, blocked }: BrokerNode,
): string {
  const share = bytes === 0 ? 1 : queue.bytes / bytes
  const { length } = queue.consumers
  const held = queue.messages - queue.ready
  const others = [
    longest &&
      longest.messages > queue.messages &&
      `${longest.name} has more messages, ${grouped(longest.messages)}, but only ${size(longest.bytes)}`,
    forbidden &&
      forbidden.bytes > queue.bytes &&
      `${forbidden.name} is heavier, ${size(forbidden.bytes)}, but target.rabbitmq.queues does not allow it`,
  ].filter((text) => typeof text === 'string')
  return [
    `${queue.name} holds ${messages(queue.messages)} (${size(queue.bytes)}, ${percent(share)} of all that waits in its virtual host), ${length === 0 ? 'has no consumer' : `consumers: ${length}`}`,
    ...(held > 0 ? [`${messages(held)} are with consumers and not acknowledged`] : []),
    `memory ${size(memoryUsed)} of ${size(memoryLimit)}${blocked ? ', publishers are blocked' : ''}`,
    ...new Set(others),
  ].join('; ')
}
