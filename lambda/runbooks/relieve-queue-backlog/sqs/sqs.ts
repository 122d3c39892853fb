// SQS: dead letters go back to their queue; a backlog goes to another queue, or to S3 chunk by chunk.
import { BOUND_SECONDS, boundOf, grouped, messages, toRemove } from '../backlog.ts'
import { enumerate } from '../../../core/words/words.ts'
import { keyPermissions } from '../../parts/keys.ts'
import { metricPermissions } from '../../parts/metric.ts'
import { whyNot } from '../../parts/precondition.ts'
import type { Target } from '../../../core/services/config.ts'
import { chunkKey, folderOf } from '../kept/kept.ts'
import { copySqsTurn } from './copy.ts'
import { moveTurn, redriveTurn } from './move.ts'
import { BACKLOG, DEAD_LETTERS, LONG } from './preconditions.ts'
import type { Options } from '../options.ts'
import type { Case, Look, Place, Scope, Statement, Step, Tools } from '../../runbook.ts'
import { queueCalled, ratesOf, sourcesOf, type SqsQueue } from './queue.ts'

type Sqs = NonNullable<Target['sqs']>

export interface Facts {
  kind: 'sqs'
  mode: Options['mode']
  queue: SqsQueue
  deadLetters?: SqsQueue
  moveTo?: SqsQueue
  /** Names of the queues that share the dead letters, this one included. */
  sources?: string[]
  /** At most how many are taken, moved or sent back. */
  most: number
  place: string
}

export function lacks(sqs: Sqs | undefined, { mode }: Options): string | undefined {
  if (mode !== 'redrive' || sqs?.deadLetters !== undefined) return undefined
  return 'write the name of the queue of its dead letters as target.sqs.deadLetters: the mode "redrive" takes them from there'
}

/** Besides these, every role of a runbook that keeps evidence has S3 on the evidence prefix: `EVIDENCE_ACTIONS`. */
export { leaves, type About } from './left.ts'

export function permissions(
  sqs: Sqs | undefined,
  { mode, moveTo, sharedWith }: Options,
  { partition, account, region }: Place,
): Statement[] {
  const arn = (name: string): string => `arn:${partition}:sqs:${region}:${account}:${name}`
  const queues = [sqs?.queue, sqs?.deadLetters, mode === 'move' ? moveTo : undefined].filter(
    (name) => name !== undefined,
  )
  const statements = [
    { actions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], resources: queues.map(arn) },
    ...metricPermissions(),
    ...keyPermissions(sqs?.key, 'sqs', ['kms:Decrypt', 'kms:GenerateDataKey']),
  ]
  const queue = arn(sqs?.queue ?? '')
  const take = { actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'], resources: [queue] }
  const hold = { actions: ['sqs:ChangeMessageVisibility'], resources: [queue] }
  switch (mode) {
    case 'redrive':
      return [
        ...statements,
        {
          actions: [
            'sqs:ListDeadLetterSourceQueues',
            'sqs:StartMessageMoveTask',
            'sqs:ListMessageMoveTasks',
            'sqs:CancelMessageMoveTask',
            'sqs:ReceiveMessage',
            'sqs:DeleteMessage',
          ],
          resources: [arn(sqs?.deadLetters ?? '')],
        },
        { actions: ['sqs:SendMessage'], resources: [queue, ...sharedWith.map(arn)] },
      ]
    case 'move':
      return [...statements, take, { actions: ['sqs:SendMessage'], resources: [arn(moveTo ?? '')] }]
    case 'purge':
    case 'shed':
      return [...statements, take, hold]
    default:
      return mode satisfies never
  }
}

export async function look(tools: Tools, about: Case<Options>): Promise<Look<Facts>> {
  const { run, target, options, approved, signals } = about
  const { mode } = options
  const { queue: name, deadLetters: letters } = target.sqs!
  const queue = await calmly(tools, name)
  const deadLetters = letters === undefined ? undefined : await queueCalled(tools, letters)
  const moveTo = mode === 'move' ? await queueCalled(tools, options.moveTo!) : undefined
  const sources = mode === 'redrive' && deadLetters ? await sourcesOf(tools, deadLetters) : undefined
  const from = mode === 'redrive' ? deadLetters! : queue
  const rates = await ratesOf(tools, from)
  const keep = keepOf(options)
  const facts: Facts = {
    kind: 'sqs',
    mode,
    queue,
    most:
      approved?.bounds?.['messages'] ?? boundOf(toRemove(from.messages, keep), (rates.published ?? 0) * BOUND_SECONDS),
    ...(deadLetters && { deadLetters }),
    ...(moveTo && { moveTo }),
    ...(sources && { sources }),
    place: tools.evidence.place(folderOf(run, name)),
  }
  const stop =
    mode === 'redrive'
      ? whyNot(DEAD_LETTERS, { queue, from, sources: sources ?? [] }, options)
      : whyNot(BACKLOG, { queue, rates, signals }, options)
  const dead = deadLetters ? `; its dead letters: ${grouped(deadLetters.messages)}` : ''
  return {
    found: `${name} holds ${messages(queue.messages)}, consumers are working on ${grouped(queue.received)} more${dead}`,
    facts,
    scope: scopeOf(facts, from, keep),
    // Dead letters may go back in part.
    needs: { messages: mode === 'redrive' ? 0 : toRemove(from.messages, options.minMessages - 1) },
    ...(stop !== undefined && { stop }),
  }
}

/** That nobody receives anything is only believed when it is so a few times: SQS counts roughly, and fast consumers hold little. */
async function calmly(tools: Tools, name: string): Promise<SqsQueue> {
  let queue = await queueCalled(tools, name)
  for (let looks = 1; queue.received === 0 && looks < LOOKS; looks++) {
    await tools.pause(1)
    queue = await queueCalled(tools, name)
  }
  return queue
}

const LOOKS = 3

const keepOf = ({ mode, downTo }: Options): number => (mode === 'shed' ? downTo : 0)

function scopeOf({ mode, queue, moveTo, sources, most }: Facts, from: SqsQueue, keep: number): Scope {
  const to = mode === 'redrive' ? enumerate(isShared(sources) ? sources! : [queue.name], 10) : moveTo?.name
  const stay = keep === 0 ? '' : `, of which roughly the newest ${grouped(keep)} stay`
  return {
    words: `up to ${messages(most)} of ${from.name}${to === undefined ? '' : `, to ${to}`}${stay}`,
    on: { queue: from.name, mode, 'messages that stay': grouped(keep), ...(to !== undefined && { to }) },
    bounds: { messages: most },
  }
}

const isShared = (sources: readonly string[] | undefined): boolean => (sources?.length ?? 0) > 1

export function steps(facts: Facts, about: Case<Options>): Step[] {
  switch (facts.mode) {
    case 'redrive':
      return [redriveStep(facts, about)]
    case 'move':
      return [moveStep(facts, about)]
    case 'purge':
    case 'shed':
      return [copyStep(facts, about)]
    default:
      return facts.mode satisfies never
  }
}

function redriveStep({ queue, deadLetters, sources, most }: Facts, { since }: Case<Options>): Step {
  const from = deadLetters!
  const to = isShared(sources) ? undefined : queue
  return {
    name: `Send the dead letters of ${queue.name} back`,
    calls: [
      `sqs:StartMessageMoveTask ${from.name} → ${to?.name ?? 'the queues they came from'}`,
      `sqs:ListMessageMoveTasks ${from.name}`,
    ],
    touches: `${messages(Math.min(most, from.messages))} of ${from.name}`,
    turn: (tools) => redriveTurn(tools, { from, to, most, since }),
    withinSeconds: LONG_SECONDS,
  }
}

/** SQS moves a few hundred dead letters a second; a day's worth takes a while. */
const LONG_SECONDS = 3600

function moveStep(facts: Facts, { options }: Case<Options>): Step {
  const { queue, moveTo, most } = facts
  return {
    name: `Move the messages of ${queue.name} to ${moveTo!.name}`,
    calls: [
      `sqs:ReceiveMessage ${queue.name}`,
      `sqs:SendMessageBatch ${moveTo!.name}`,
      `sqs:DeleteMessageBatch ${queue.name}`,
    ],
    touches: `${messages(Math.min(most, queue.messages))} of ${queue.name}, ten at a time; after a crash up to ten may be in ${moveTo!.name} twice, and as many more may be moved as it had moved within a minute`,
    ready: (tools) => stillBacksUp(tools, facts, options),
    turn: (tools, state) => moveTurn(tools, state, { from: queue, to: moveTo!, most }),
    withinSeconds: LONG_SECONDS,
  }
}

function copyStep(facts: Facts, { run, service, options }: Case<Options>): Step {
  const { queue, place, most } = facts
  const keep = keepOf(options)
  return {
    name:
      keep === 0
        ? `Move the messages of ${queue.name} to S3`
        : `Move roughly the oldest messages of ${queue.name} to S3`,
    calls: [
      `sqs:ReceiveMessage ${queue.name}`,
      `s3:PutObject ${place}${chunkKey('', 1)} …`,
      `sqs:DeleteMessageBatch ${queue.name} (exactly the chunk, once its copy is stored and its checksum compared)`,
    ],
    touches: `${messages(Math.min(most, toRemove(queue.messages, keep)))} of ${queue.name}`,
    async ready(tools) {
      // Begun before a crash: going on is always right.
      if ((await tools.evidence.list(folderOf(run, queue.name))).length > 0) return undefined
      return stillBacksUp(tools, facts, options)
    },
    turn: (tools, state) =>
      copySqsTurn(
        tools,
        state,
        { run, service, kind: 'sqs', queue: queue.name },
        { queue, keep, most, level: options.minMessages },
      ),
    withinSeconds: LONG_SECONDS,
  }
}

const stillBacksUp = async (tools: Tools, { queue }: Facts, options: Options): Promise<string | undefined> =>
  LONG.stops({ queue: await queueCalled(tools, queue.name) }, options)

export async function healthy(
  tools: Tools,
  { options }: Case<Options>,
  { mode, queue, deadLetters }: Facts,
): Promise<{ ok: boolean; text: string }> {
  const now = await queueCalled(tools, mode === 'redrive' ? deadLetters!.name : queue.name)
  const ok = mode === 'redrive' ? now.messages < deadLetters!.messages : now.messages < options.minMessages
  return { ok, text: `${now.name} holds ${messages(now.messages)}` }
}
