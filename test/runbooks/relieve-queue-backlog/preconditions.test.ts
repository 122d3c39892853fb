// What a RabbitMQ queue must be before its messages are taken: each rule stops the look, and each stands in the docs.
import { readFileSync } from 'node:fs'
import {
  deliveryLimit,
  PRECONDITIONS,
  remarksOn,
  settingOf,
  whyLeftAlone,
} from '../../../lambda/runbooks/relieve-queue-backlog/rabbitmq/preconditions.ts'
import { whyNotTheCause } from '../../../lambda/runbooks/relieve-queue-backlog/shortage.ts'
import type { BrokerNode, BrokerQueue } from '../../../lambda/ports/broker.ts'
import { MIB, node, queue, worker } from './queues.ts'

const one = (more: Partial<BrokerQueue> = {}): BrokerQueue => queue('jobs', 20_000, 800 * MIB, more)
const quorum = (more: Partial<BrokerQueue> = {}): BrokerQueue => one({ type: 'quorum', ...more })

const STOPPED: [field: string, BrokerQueue, why: string][] = [
  ['messages', one({ measured: false }), 'has not measured it yet'],
  ['type', one({ type: 'stream' }), 'it is a stream'],
  ['type', one({ type: 'unknown' }), 'nobody here knows its type'],
  ['state', one({ state: 'minority' }), 'it is minority'],
  ['exclusive', one({ exclusive: true }), 'belongs to one connection alone'],
  [
    'exclusive of `GET /api/consumers/<vhost>`',
    one({ consumers: [worker('a'), worker('b', true)] }),
    'b consumes it exclusively',
  ],
  [
    'arguments.x-single-active-consumer',
    one({ arguments: { 'x-single-active-consumer': true }, consumers: [worker('billing')] }),
    'billing is there: stop that one first',
  ],
  ['auto_delete', one({ autoDelete: true }), 'deletes itself with all that is in it'],
  ['arguments.x-max-priority', one({ arguments: { 'x-max-priority': 5 } }), 'priority queue'],
  [
    'effective_policy_definition.federation-upstream(-set)',
    one({ effective: { 'federation-upstream-set': 'all' } }),
    'it is federated',
  ],
  [
    'x-delivery-limit and delivery-limit (quorum queues)',
    quorum({ arguments: { 'x-delivery-limit': 0 } }),
    'its delivery limit is 0',
  ],
  ['arguments, effective_policy_definition', one({ arguments: { 'x-new-thing': 1 } }), 'x-new-thing'],
  ['arguments, effective_policy_definition', one({ effective: { 'new-thing': 1 } }), 'new-thing'],
]

describe('a queue is left alone', () => {
  test.each(STOPPED)('by its %s', (field, it, why) => {
    const { stops } = PRECONDITIONS.find((rule) => rule.field === field)!
    expect(stops(it, '3.10.8')).toContain(why)
    expect(whyLeftAlone(it, '3.10.8')).toContain(why)
  })

  test('by each of the rules here', () => {
    expect(new Set(STOPPED.map(([field]) => field))).toEqual(new Set(PRECONDITIONS.map(({ field }) => field)))
  })

  test('and the docs list the same rules', () => {
    const docs = readFileSync('docs/runbooks/relieve-queue-backlog.md', 'utf8')
    const rows = PRECONDITIONS.map(({ field, must }) => [field.includes('`') ? field : `\`${field}\``, must])
    for (const [field, must] of rows) expect(docs.replace(/ +/g, ' ')).toContain(`| ${field} | ${must} |`)
  })
})

test.each<[string, BrokerQueue]>([
  ['plain', one()],
  ['of a policy with a limit', one({ effective: { 'max-length': 5, overflow: 'reject-publish' } })],
  ['mirrored', one({ effective: { 'ha-mode': 'all', 'ha-sync-mode': 'automatic', 'queue-version': 2 } })],
  ['with a time to live', one({ arguments: { 'x-message-ttl': 1000, 'x-expires': 1000 } })],
  ['for one consumer that is gone', one({ arguments: { 'x-single-active-consumer': true } })],
  ['quorum with a small delivery limit', quorum({ arguments: { 'x-delivery-limit': 1 } })],
  ['busy', one({ state: 'flow', consumers: [worker()] })],
])('one that is %s is not', (_, it) => expect(whyLeftAlone(it, '4.0.1')).toBeUndefined())

test.each<[string, BrokerQueue, string, number | undefined]>([
  ['a classic queue has none', one({ arguments: { 'x-delivery-limit': 5 } }), '4.0.1', undefined],
  ['its own', quorum({ arguments: { 'x-delivery-limit': 5 } }), '4.0.1', 5],
  ['its policy’s', quorum({ effective: { 'delivery-limit': 3 } }), '3.10.8', 3],
  [
    'the smaller of both',
    quorum({ arguments: { 'x-delivery-limit': 5 }, effective: { 'delivery-limit': 3 } }),
    '3.10.8',
    3,
  ],
  ['20 since RabbitMQ 4', quorum(), '4.0.1', 20],
  ['none before', quorum(), '3.13.7', undefined],
  ['none where it is switched off', quorum({ effective: { 'delivery-limit': -1 } }), '4.0.1', undefined],
])('how often a message may come back: %s', (_, it, version, wanted) => {
  expect(deliveryLimit(it, version)).toBe(wanted)
})

test('of a word, the declaration counts before the policy', () => {
  const it = one({ arguments: { 'x-overflow': 'drop-head' }, effective: { overflow: 'reject-publish' } })
  expect(settingOf(it, 'overflow')).toBe('drop-head')
})

test('what ends by itself is said', () => {
  expect(remarksOn(one({ arguments: { 'x-message-ttl': 60_000 }, effective: { expires: 5_000 } }))).toEqual([
    'its messages live for 60 seconds: those that expire meanwhile are not kept, and those sent back begin anew',
    'it deletes itself once nobody has used it for 5 seconds: then nothing can be sent back',
  ])
  expect(remarksOn(one())).toEqual([])
})

describe('what is not the cause is left alone', () => {
  const why = (it: BrokerQueue, signals: string[], here: Partial<BrokerNode> = {}, above = 10_000) =>
    whyNotTheCause(it, node(here), { signals, above, waiting: 800 * MIB })
  const busy = (published: number, acknowledged: number): BrokerQueue =>
    one({ consumers: [worker()], published, acknowledged })

  test.each<[string, string | undefined, string]>([
    [
      'consumers that hold nearly everything',
      why(one({ ready: 2_000, consumers: [worker('w1'), worker('w2')] }), ['memory']),
      '18,000 of the 20,000 messages of jobs are with its 2 consumers (w1 and 1 more) and not acknowledged: restart those',
    ],
    [
      'one hung consumer',
      why(one({ ready: 0, consumers: [worker('w1')] }), ['saturation']),
      'with its 1 consumer (w1) and not acknowledged: restart it',
    ],
    ['consumers that keep up', why(busy(60, 61), ['disk']), 'keep up: they handle 61 a second, 60 a second arrive'],
    ['consumers that will be through soon', why(busy(0, 100), ['memory'], { blocked: true }), 'through in about 2 min'],
    ['a backlog that will be gone soon', why(busy(10, 100), ['saturation']), 'through in about 2 min'],
    [
      'memory that something else holds',
      why(one({ bytes: 100 * MIB }), ['memory']),
      'holds at most 12 % of the 1,000 MiB of memory in use',
    ],
    [
      'a disk that something else fills',
      why(one(), ['disk'], { diskFree: 100 * MIB }),
      '900 MiB of the disk would be free, still below the limit of 1,000 MiB',
    ],
    [
      'a small one beside what fills the disk, even where enough is free without it',
      why(one({ bytes: 50 * MIB, readyBytes: 50 * MIB }), ['disk'], { diskFree: 2_000 * MIB }),
      'jobs holds only 6 % of the 800 MiB that wait: it is not what fills the disk',
    ],
    [
      'both',
      why(one({ bytes: 180 * MIB, readyBytes: 180 * MIB }), ['memory', 'disk'], { diskFree: 1 }),
      'of memory in use: something else does, like connections or other queues; without',
    ],
  ])('%s', (_, said, wanted) => expect(said).toContain(wanted))

  test.each<[string, string | undefined]>([
    ['no consumer', why(one({ published: 60 }), ['memory', 'disk'])],
    ['consumers that fall behind', why(busy(100, 60), ['memory'])],
    ['a backlog that does not get shorter, and is an alarm', why(busy(60, 60), ['saturation', 'memory'])],
    ['a backlog that blocks everybody for long', why(busy(0, 5), ['memory'], { blocked: true })],
    ['a backlog that will take days', why(busy(0.3, 0.4), ['memory'])],
    ['a backlog that does not get shorter', why(busy(60, 60), ['memory', 'disk'])],
    ['consumers that do nothing', why(busy(0, 0), ['memory'])],
    [
      'rates that nobody measures',
      why(one({ consumers: [worker()], published: undefined as never, acknowledged: undefined as never }), ['memory']),
    ],
    ['a disk that it fills, although its memory is elsewhere', why(one({ bytes: 170 * MIB }), ['memory', 'disk'])],
    ['small messages, which take memory besides their bodies', why(queue('jobs', 400_000, 4 * MIB), ['memory'])],
  ])('%s is none of these', (_, said) => expect(said).toBeUndefined())
})
