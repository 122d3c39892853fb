// SQS: dead letters go back to their queue; a backlog goes to another queue, or to S3 chunk by chunk.
import { grouped, messages, toRemove } from './backlog.ts'
import type { Target } from '../../core/services/config.ts'
import { chunkKey, folderOf } from './kept.ts'
import { copySqsTurn } from './sqs-copy.ts'
import { moveTurn, redriveTurn } from './sqs-move.ts'
import type { Options } from './options.ts'
import type { Case, Look, Place, Statement, Step, Tools } from '../runbook.ts'
import { queueCalled, type SqsQueue } from './sqs-queue.ts'

type Sqs = NonNullable<Target['sqs']>

export interface Facts {
  kind: 'sqs'
  mode: Options['mode']
  queue: SqsQueue
  deadLetters?: SqsQueue
  moveTo?: SqsQueue
  place: string
}

export function lacks(sqs: Sqs | undefined, { mode }: Options): string | undefined {
  if (mode !== 'redrive' || sqs?.deadLetters !== undefined) return undefined
  return 'write the name of the queue of its dead letters as target.sqs.deadLetters: the mode "redrive" takes them from there'
}

/** Besides these, every role of a runbook that keeps evidence has S3 on the evidence prefix: `EVIDENCE_ACTIONS`. */
export function permissions(
  sqs: Sqs | undefined,
  { mode, moveTo }: Options,
  { partition, account, region }: Place,
): Statement[] {
  const arn = (name: string): string => `arn:${partition}:sqs:${region}:${account}:${name}`
  const queues = [sqs?.queue, sqs?.deadLetters, mode === 'move' ? moveTo : undefined].filter(
    (name) => name !== undefined,
  )
  const statements = [{ actions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], resources: queues.map(arn) }]
  const queue = arn(sqs?.queue ?? '')
  const take = { actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'], resources: [queue] }
  switch (mode) {
    case 'redrive':
      return [
        ...statements,
        {
          actions: ['sqs:StartMessageMoveTask', 'sqs:ListMessageMoveTasks', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'],
          resources: [arn(sqs?.deadLetters ?? '')],
        },
        { actions: ['sqs:SendMessage'], resources: [queue] },
      ]
    case 'move':
      return [...statements, take, { actions: ['sqs:SendMessage'], resources: [arn(moveTo ?? '')] }]
    case 'purge':
    case 'shed':
      return [...statements, take]
    default:
      return mode satisfies never
  }
}

export async function look(tools: Tools, { run, target, options }: Case<Options>): Promise<Look<Facts>> {
  const { queue: name, deadLetters: letters } = target.sqs!
  const queue = await queueCalled(tools, name)
  const deadLetters = letters === undefined ? undefined : await queueCalled(tools, letters)
  const moveTo = options.mode === 'move' ? await queueCalled(tools, options.moveTo!) : undefined
  const facts: Facts = {
    kind: 'sqs',
    mode: options.mode,
    queue,
    ...(deadLetters && { deadLetters }),
    ...(moveTo && { moveTo }),
    place: tools.evidence.place(folderOf(run, name)),
  }
  const stop = whyNot(facts, options)
  const dead = deadLetters ? `; its dead letters: ${grouped(deadLetters.messages)}` : ''
  return {
    found: `${name} holds ${messages(queue.messages)}, consumers are working on ${grouped(queue.received)} more${dead}`,
    facts,
    ...(stop !== undefined && { stop }),
  }
}

function whyNot(
  { mode, queue, deadLetters }: Pick<Facts, 'mode' | 'queue' | 'deadLetters'>,
  { minMessages }: Options,
): string | undefined {
  if (mode === 'redrive')
    return deadLetters && deadLetters.messages > 0 ? undefined : 'there are no dead letters to send back'
  if (queue.messages >= minMessages) return undefined
  return `${queue.name} does not back up: it holds ${messages(queue.messages)}, and a backlog begins at ${grouped(minMessages)}`
}

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

function redriveStep({ queue, deadLetters }: Facts, { since }: Case<Options>): Step {
  const from = deadLetters!
  return {
    name: `Send the dead letters of ${queue.name} back`,
    calls: [`sqs:StartMessageMoveTask ${from.name} → ${queue.name}`, `sqs:ListMessageMoveTasks ${from.name}`],
    touches: `${messages(from.messages)} of ${from.name}`,
    turn: (tools) => redriveTurn(tools, from, queue, since),
    withinSeconds: LONG_SECONDS,
  }
}

/** SQS moves a few hundred dead letters a second; a day's worth takes a while. */
const LONG_SECONDS = 3600

function moveStep(facts: Facts, { options }: Case<Options>): Step {
  const { queue, moveTo } = facts
  return {
    name: `Move the messages of ${queue.name} to ${moveTo!.name}`,
    calls: [
      `sqs:ReceiveMessage ${queue.name}`,
      `sqs:SendMessageBatch ${moveTo!.name}`,
      `sqs:DeleteMessageBatch ${queue.name}`,
    ],
    touches: `${messages(queue.messages)} of ${queue.name}, ten at a time; after a crash up to ten may be in ${moveTo!.name} twice`,
    ready: (tools) => stillBacksUp(tools, facts, options),
    turn: (tools, state) => moveTurn(tools, state, queue, moveTo!),
    withinSeconds: LONG_SECONDS,
  }
}

function copyStep(facts: Facts, { run, service, options }: Case<Options>): Step {
  const { queue, place } = facts
  const keep = facts.mode === 'shed' ? options.downTo : 0
  return {
    name:
      keep === 0 ? `Move the messages of ${queue.name} to S3` : `Move about the oldest messages of ${queue.name} to S3`,
    calls: [
      `sqs:ReceiveMessage ${queue.name}`,
      `s3:PutObject ${place}${chunkKey('', 1)} …`,
      `sqs:DeleteMessageBatch ${queue.name} (exactly the chunk, once its copy is stored and its checksum compared)`,
    ],
    touches: `${messages(toRemove(queue.messages, keep))} of ${queue.name}`,
    async ready(tools) {
      // Begun before a crash: going on is always right.
      if ((await tools.evidence.list(folderOf(run, queue.name))).length > 0) return undefined
      return stillBacksUp(tools, facts, options)
    },
    turn: (tools, state) =>
      copySqsTurn(tools, state, { run, service, kind: 'sqs', queue: queue.name }, { queue, keep }),
    withinSeconds: LONG_SECONDS,
  }
}

const stillBacksUp = async (tools: Tools, { mode, queue }: Facts, options: Options): Promise<string | undefined> =>
  whyNot({ mode, queue: await queueCalled(tools, queue.name) }, options)

export async function healthy(
  tools: Tools,
  { options }: Case<Options>,
  { mode, queue, deadLetters }: Facts,
): Promise<{ ok: boolean; text: string }> {
  const now = await queueCalled(tools, mode === 'redrive' ? deadLetters!.name : queue.name)
  const ok = mode === 'redrive' ? now.messages === 0 : now.messages < options.minMessages
  return { ok, text: `${now.name} holds ${messages(now.messages)}` }
}
