// RabbitMQ: copies and empties the queue that takes up the memory, chunk by chunk, and limits its length.
import { grouped, isAbove, messages, size, tightest } from '../backlog.ts'
import type { Target } from '../../../core/services/config.ts'
import type { Options } from '../options.ts'
import { lengthIn, SOME_MORE, type Facts } from './facts.ts'
import { keyPermissions } from '../../parts/keys.ts'
import type { Place, Statement, Tools } from '../../runbook.ts'

export type { Facts } from './facts.ts'
export { leaves, type About } from './left.ts'
export { look } from './look.ts'
export { steps } from './steps.ts'

type RabbitMq = NonNullable<Target['rabbitmq']>

export function lacks({ broker, api, amqp }: RabbitMq, { mode }: Options): string | undefined {
  if (mode === 'redrive' || mode === 'move')
    return `the mode "${mode}" is for SQS: write "purge" or "shed" for RabbitMQ`
  if (broker === undefined && (api === undefined || amqp === undefined))
    return 'write the name of the Amazon MQ broker as target.rabbitmq.broker, or the addresses of your own as target.rabbitmq.api and target.rabbitmq.amqp'
  return undefined
}

/** Besides these, every role of a runbook that keeps evidence has S3 on the evidence prefix: `EVIDENCE_ACTIONS`. */
export function permissions(
  { broker, api, amqp, secret, key }: RabbitMq,
  { partition, account, region }: Place,
): Statement[] {
  const arn = (service: string, name: string): string => `arn:${partition}:${service}:${region}:${account}:${name}`
  // Secrets Manager adds six characters to a secret's name.
  const secretArn = secret?.startsWith('arn:') ? secret : arn('secretsmanager', `secret:${secret}-??????`)
  return [
    ...(secret === undefined ? [] : [{ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }]),
    ...keyPermissions(key, 'secretsmanager', ['kms:Decrypt']),
    ...(broker === undefined || (api !== undefined && amqp !== undefined)
      ? []
      : [
          { actions: ['mq:ListBrokers'], resources: ['*'], why: 'Amazon MQ lists all brokers or none' },
          { actions: ['mq:DescribeBroker'], resources: [arn('mq', `broker:${broker}:*`)] },
        ]),
  ]
}

export async function healthy(
  { broker }: Tools,
  { queue, level, prevention }: Facts,
): Promise<{ ok: boolean; text: string }> {
  const [nodes, queues, policies] = await Promise.all([broker.nodes(), broker.queues(), broker.policies()])
  const node = tightest(nodes)
  const now = queues.find(({ name }) => name === queue.name)
  if (!node || !now) return { ok: false, text: node ? `the queue ${queue.name} is gone` : 'no node of the broker runs' }
  // It may have been set higher, for what is left.
  const own = policies.find(({ name }) => name === prevention?.policy.name)
  const limit = prevention && lengthIn(own ? { policy: own } : prevention)
  // At its limit it harms nobody else, whether its consumers are back or not.
  const isHeld = limit !== undefined && now.messages <= limit * SOME_MORE
  const hasMemory = nodes.every(({ blocked, memoryUsed, memoryLimit }) => !blocked && memoryUsed < memoryLimit)
  const consumers = now.consumers.length === 0 ? '; it still has no consumer' : ''
  return {
    ok: hasMemory && (isHeld || !isAbove(now, level)),
    text: `${queue.name} holds ${messages(now.messages)} (${size(now.bytes)})${limit === undefined ? '' : ` of ${grouped(limit)} at most`}${consumers}; memory ${size(node.memoryUsed)} of ${size(node.memoryLimit)}, publishers ${nodes.some(({ blocked }) => blocked) ? 'are still blocked' : 'are not blocked'}`,
  }
}
