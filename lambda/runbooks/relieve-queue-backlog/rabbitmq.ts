// RabbitMQ: copies and empties the queue that takes up the memory, chunk by chunk, and limits its length.
import {
  averageBytes,
  chunkSize,
  grouped,
  heaviest,
  isAbove,
  lengthLimit,
  levelOf,
  messages,
  percent,
  prevention,
  size,
  tightest,
  toRemove,
  type Heavy,
  type Level,
  type Prevention,
} from './backlog.ts'
import type { BrokerNode, BrokerQueue } from '../../ports/broker.ts'
import type { Target } from '../../core/services/config.ts'
import { chunkKey, folderOf, manifestKey } from './kept.ts'
import { copyTurn, type Source } from './copy.ts'
import { preventStep } from './prevent.ts'
import type { Options } from './options.ts'
import { Refused, type Case, type Look, type Place, type Statement, type Step, type Tools } from '../runbook.ts'

type RabbitMq = NonNullable<Target['rabbitmq']>

export interface Facts {
  kind: 'rabbitmq'
  vhost: string
  queue: BrokerQueue
  node: BrokerNode
  level: Level
  /** How many stay. */
  keep: number
  /** Messages in a chunk. */
  chunk: number
  prevention?: Prevention
  /** Where the copy goes, for people. */
  place: string
}

export function lacks({ broker, api, amqp }: RabbitMq, { mode }: Options): string | undefined {
  if (mode === 'redrive' || mode === 'move')
    return `the mode "${mode}" is for SQS: write "purge" or "shed" for RabbitMQ`
  if (broker === undefined && (api === undefined || amqp === undefined))
    return 'write the name of the Amazon MQ broker as target.rabbitmq.broker, or the addresses of your own as target.rabbitmq.api and target.rabbitmq.amqp'
  return undefined
}

/** Besides these, every role of a runbook that keeps evidence has S3 on the evidence prefix: `EVIDENCE_ACTIONS`. */
export function permissions(
  { broker, api, amqp, secret }: RabbitMq,
  { partition, account, region }: Place,
): Statement[] {
  const arn = (service: string, name: string): string => `arn:${partition}:${service}:${region}:${account}:${name}`
  // Secrets Manager adds six characters to a secret's name.
  const secretArn = secret?.startsWith('arn:') ? secret : arn('secretsmanager', `secret:${secret}-??????`)
  return [
    ...(secret === undefined ? [] : [{ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }]),
    ...(broker === undefined || (api !== undefined && amqp !== undefined)
      ? []
      : [
          { actions: ['mq:ListBrokers'], resources: ['*'], why: 'Amazon MQ lists all brokers or none' },
          { actions: ['mq:DescribeBroker'], resources: [arn('mq', `broker:${broker}:*`)] },
        ]),
  ]
}

export async function look(tools: Tools, { run, target, options, signals }: Case<Options>): Promise<Look<Facts>> {
  const { vhost, queues: allowed } = target.rabbitmq!
  const [nodes, queues, policies] = await Promise.all([
    tools.broker.nodes(),
    tools.broker.queues(),
    tools.broker.policies(),
  ])
  const node = tightest(nodes)
  const heavy = heaviest(queues, allowed)
  if (!node) throw new Error('no node of the broker runs')
  if (!heavy)
    throw new Refused(
      `the virtual host ${vhost} has no queue that may be relieved; target.rabbitmq.queues allows ${allowed.join(', ')}`,
    )
  const { queue } = heavy
  const level = levelOf(options, node.memoryLimit, signals)
  const stop = whyNot(queue, level)
  const keep = options.mode === 'shed' ? options.downTo : 0
  const found = prevention(policies, queue, options.maxLength ?? Math.max(keep, lengthLimit(node, queue)))
  const facts: Facts = {
    kind: 'rabbitmq',
    vhost,
    queue,
    node,
    level,
    keep,
    chunk: chunkSize(averageBytes(queue)),
    ...(options.prevent && found && { prevention: found }),
    place: tools.evidence.place(folderOf(run, queue.name)),
  }
  return { found: tell(heavy, node), facts, ...(stop !== undefined && { stop }) }
}

function whyNot(queue: BrokerQueue, level: Level): string | undefined {
  if (queue.type === 'stream')
    return `${queue.name} is a stream: its messages stay until they are too old, whoever reads them`
  if (isAbove(queue, level)) return undefined
  return `no queue backs up: the heaviest, ${queue.name}, holds ${messages(queue.messages)} (${size(queue.bytes)}), and a backlog begins at ${[...(level.messages === undefined ? [] : [grouped(level.messages)]), size(level.bytes)].join(' or ')}`
}

function tell({ queue, share, longest, forbidden }: Heavy, { memoryUsed, memoryLimit, blocked }: BrokerNode): string {
  const others = [
    longest && `${longest.name} has more messages, ${grouped(longest.messages)}, but only ${size(longest.bytes)}`,
    forbidden && `${forbidden.name} is heavier, ${size(forbidden.bytes)}, but target.rabbitmq.queues does not allow it`,
  ].filter((text) => text !== undefined)
  return [
    `${queue.name} holds ${messages(queue.messages)} (${size(queue.bytes)}, ${percent(share)} of all that waits in its virtual host), ${queue.consumers === 0 ? 'has no consumer' : `consumers: ${queue.consumers}`}`,
    `memory ${size(memoryUsed)} of ${size(memoryLimit)}${blocked ? ', publishers are blocked' : ''}`,
    ...new Set(others),
  ].join('; ')
}

export function steps(facts: Facts, about: Case<Options>): Step[] {
  const { vhost, queue, prevention: found } = facts
  if (!found) return [copyStep(facts, about)]
  return [copyStep(facts, about), preventStep(vhost, queue, found), restStep(facts, about, lengthIn(found))]
}

const lengthIn = ({ policy }: Prevention): number => Number(policy.definition['max-length'])

/** Messages above the limit still do harm, and a broker that restarts drops them: it applies the length before it refuses. */
function restStep({ vhost, queue, chunk, place }: Facts, { run, service }: Case<Options>, limit: number): Step {
  const where = `${vhost} ${queue.name}`
  return {
    name: `Move what is above the limit to S3`,
    calls: [
      `AMQP basic.consume ${where}, s3:PutObject ${place}…, AMQP basic.ack ${where} (as before, while more than ${grouped(limit)} are in the queue)`,
    ],
    touches: `the oldest messages of ${queue.name}, as many as publishers have brought it above ${grouped(limit)} meanwhile`,
    async turn(tools, state) {
      const { copied, count: before } = (state ?? {}) as Pass
      const again = { againInSeconds: COUNTED_SECONDS }
      // The broker's last count is from before the limit applied: publishers have added more since.
      if (state === undefined) return { going: 'waits until the broker has counted again', ...again, state: {} }
      const source: Source = { run, service, kind: 'rabbitmq', vhost, queue: queue.name }
      const went = await copyTurn(tools, copied, source, { chunk, keep: limit, all: true })
      if (!('done' in went)) return { ...went, state: { copied: went.state, count: before } }
      const { count: now } = went.state as { count: number }
      if (now === before)
        return { ...went, done: `${queue.name} is not above ${grouped(limit)}; in all, ${messages(now)} are in S3` }
      return {
        going: `${grouped(now)} messages are in S3; looks again`,
        ...again,
        state: { copied: went.state, count: now },
      }
    },
  }
}

/** Done when another pass finds nothing more. `count`: all messages kept by the end of the previous pass. */
interface Pass {
  copied?: unknown
  count?: number
}

/** The broker counts its queues every 5 seconds, and reports that up to 5 seconds later. */
const COUNTED_SECONDS = 10

function copyStep(facts: Facts, { run, service }: Case<Options>): Step {
  const { queue, vhost, chunk, keep, level } = facts
  const folder = folderOf(run, queue.name)
  const goal = toRemove(queue.messages, keep)
  const where = `${vhost} ${queue.name}`
  const last = `${facts.place}${chunkKey('', Math.max(1, Math.ceil(goal / chunk)))}`
  return {
    name: keep === 0 ? `Move the messages of ${queue.name} to S3` : `Move the oldest messages of ${queue.name} to S3`,
    calls: [
      `AMQP basic.consume ${where} (prefetch ${chunk}, then basic.cancel)`,
      `s3:PutObject ${facts.place}${chunkKey('', 1)} … ${last}`,
      `AMQP basic.ack ${where} (exactly the chunk, once its copy is stored and its checksum compared)`,
      `s3:PutObject ${facts.place}${manifestKey('')}`,
    ],
    touches: `${messages(goal)} of ${queue.name} (about ${size(goal * averageBytes(queue))})${keep === 0 ? '' : `, the oldest; the newest ${grouped(keep)} stay`}; no other queue`,
    async ready({ broker, evidence }) {
      // Begun before a crash: going on is always right.
      if ((await evidence.list(folder)).length > 0) return undefined
      const now = (await broker.queues()).find(({ name }) => name === queue.name)
      if (!now) return `the queue ${queue.name} is gone`
      return isAbove(now, level)
        ? undefined
        : `${queue.name} holds only ${messages(now.messages)} (${size(now.bytes)}) now`
    },
    turn: (tools, state) =>
      copyTurn(tools, state, { run, service, kind: 'rabbitmq', vhost, queue: queue.name }, { chunk, keep }),
    withinSeconds: Math.max(SHORTEST_SECONDS, Math.ceil(goal / SLOWEST_PER_SECOND)),
  }
}

const SHORTEST_SECONDS = 900
/** Far less than any broker and S3 manage together: a thousand or so a second is usual. */
const SLOWEST_PER_SECOND = 100

export async function healthy(
  { broker }: Tools,
  { queue, level, prevention }: Facts,
): Promise<{ ok: boolean; text: string }> {
  const [nodes, queues] = await Promise.all([broker.nodes(), broker.queues()])
  const node = tightest(nodes)
  const now = queues.find(({ name }) => name === queue.name)
  if (!node || !now) return { ok: false, text: node ? `the queue ${queue.name} is gone` : 'no node of the broker runs' }
  const limit = prevention && lengthIn(prevention)
  // At its limit it harms nobody else, whether its consumers are back or not.
  const isHeld = limit !== undefined && now.messages <= limit * SOME_MORE
  const hasMemory = nodes.every(({ blocked, memoryUsed, memoryLimit }) => !blocked && memoryUsed < memoryLimit)
  const consumers = now.consumers === 0 ? '; it still has no consumer' : ''
  return {
    ok: hasMemory && (isHeld || !isAbove(now, level)),
    text: `${queue.name} holds ${messages(now.messages)} (${size(now.bytes)})${limit === undefined ? '' : ` of ${grouped(limit)} at most`}${consumers}; memory ${size(node.memoryUsed)} of ${size(node.memoryLimit)}, publishers ${nodes.some(({ blocked }) => blocked) ? 'are still blocked' : 'are not blocked'}`,
  }
}

/** Room for publishes that were under way when it reached its limit. */
const SOME_MORE = 1.1
