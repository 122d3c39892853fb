// A limit on the length of a queue: how long it may get, what the policy says, and where a limit would do harm.
import {
  lengthLimit,
  prevention,
  samePolicy,
  type Prevention,
} from '../../../lambda/runbooks/relieve-queue-backlog/rabbitmq/limit.ts'
import type { Binding, BrokerPolicy, BrokerQueue } from '../../../lambda/ports/broker.ts'
import { MIB, queue } from './queues.ts'

describe('the length limit', () => {
  test.each<[string, { memoryUsed: number; memoryLimit: number }, { messages: number; bytes: number }, number]>([
    // 8,000 × 5 KiB are 39 MiB of the 150; the limit is a quarter of the 39 that others leave.
    [
      'a quarter of what others leave',
      { memoryUsed: 150 * MIB, memoryLimit: 150 * MIB },
      { messages: 8_000, bytes: 8_000 * 4_096 },
      2_000,
    ],
    [
      'the same where the queue is on disk',
      { memoryUsed: 100 * MIB, memoryLimit: 1_024 * MIB },
      { messages: 1_000_000, bytes: 4_096 * MIB },
      50_000,
    ],
    [
      'a twentieth where others fill the memory',
      { memoryUsed: 2_000 * MIB, memoryLimit: 1_000 * MIB },
      { messages: 10, bytes: 10_240 },
      25_000,
    ],
    ['never none', { memoryUsed: 1, memoryLimit: 1_000 }, { messages: 1, bytes: 100 * MIB }, 1],
  ])('is %s', (_, node, held, wanted) => expect(lengthLimit(node, held)).toBe(wanted))
})

const ha: BrokerPolicy = {
  name: 'ha',
  pattern: '.*',
  definition: { 'ha-mode': 'all', 'message-ttl': 60_000 },
  applyTo: 'all',
  priority: 7,
}

interface Here {
  policies?: BrokerPolicy[]
  queues?: BrokerQueue[]
  bindings?: Binding[]
}

/** Of a queue as the broker tells of it: the effective definition is that of its policy, unless it says otherwise. */
function limitOf(one: Partial<BrokerQueue>, { policies = [], queues = [], bindings = [] }: Here = {}, most = 500) {
  const effective = policies.find(({ name }) => name === one.policy)?.definition ?? {}
  return prevention(queue('q', 10, 10, { effective, ...one }), { policies, queues, bindings }, most)
}

const given = (found: ReturnType<typeof limitOf>): Prevention => {
  if ('without' in found) throw new Error(`no limit: ${found.without}`)
  return found
}

describe('the policy', () => {
  test('limits the queue alone, whatever its name holds', () => {
    const { policy } = given(limitOf({ name: 'a.b(c)' }))
    expect(policy).toEqual({
      name: 'tocsin-a.b(c)',
      pattern: '^a\\.b\\(c\\)$',
      definition: { 'max-length': 500, overflow: 'reject-publish' },
      applyTo: 'queues',
      priority: 1,
    })
    expect(new RegExp(policy.pattern).test('a.b(c)')).toBe(true)
    expect(new RegExp(policy.pattern).test('aXb(c)')).toBe(false)
  })

  test('keeps the keys of the one that applies, above it', () => {
    const found = given(limitOf({ policy: 'ha' }, { policies: [ha] }))
    expect(found.policy.definition).toEqual({ ...ha.definition, 'max-length': 500, overflow: 'reject-publish' })
    expect(found.policy.priority).toBe(8)
    expect(found.base).toEqual(ha)
  })

  test('keeps that refused messages go to the dead letters', () => {
    const definition = { overflow: 'reject-publish-dlx', 'dead-letter-exchange': 'dead' }
    const { policy } = given(limitOf({ policy: 'ha' }, { policies: [{ ...ha, definition }] }))
    expect(policy.definition).toEqual({ ...definition, 'max-length': 500 })
  })

  test('refuses plainly on a quorum queue, which takes reject-publish-dlx for drop-head', () => {
    const definition = { overflow: 'reject-publish-dlx' }
    const { policy } = given(limitOf({ type: 'quorum', policy: 'ha' }, { policies: [{ ...ha, definition }] }))
    expect(policy.definition).toEqual({ overflow: 'reject-publish', 'max-length': 500 })
  })

  test('takes no keys of one that does not apply', () => {
    expect(given(limitOf({}, { policies: [ha] })).policy.definition).toEqual({
      'max-length': 500,
      overflow: 'reject-publish',
    })
  })

  test('is the smaller of both where the policy refuses at a higher limit, as those of Amazon MQ do', () => {
    const definition = { 'max-length': 500_000, overflow: 'reject-publish', 'queue-mode': 'lazy' }
    const { policy } = given(limitOf({ policy: 'ha' }, { policies: [{ ...ha, definition }] }))
    expect(policy.definition).toEqual({ ...definition, 'max-length': 500 })
  })

  test('knows what was there under its name', () => {
    const old = { ...ha, name: 'tocsin-q', definition: { 'message-ttl': 1 } }
    expect(limitOf({ policy: 'tocsin-q' }, { policies: [old] })).toMatchObject({ previous: old, base: old })
  })

  test('names the other queues that its exchanges route to', () => {
    const bindings = [
      { exchange: 'fan', to: { queue: 'q' } },
      { exchange: 'fan', to: { queue: 'audit' } },
      { exchange: 'other', to: { queue: 'mails' } },
    ]
    const queues = ['q', 'audit', 'mails'].map((name) => queue(name, 1, 1))
    expect(given(limitOf({}, { bindings, queues })).beside).toEqual(['audit'])
  })

  test('is the same in whatever order the broker gives its keys', () => {
    expect(samePolicy({ ...ha, definition: { 'message-ttl': 60_000, 'ha-mode': 'all' } }, ha)).toBe(true)
    expect(samePolicy({ ...ha, priority: 8 }, ha)).toBe(false)
    expect(samePolicy(undefined, ha)).toBe(false)
  })
})

describe('no limit is set', () => {
  const policy = (definition: Record<string, unknown>): Here => ({ policies: [{ ...ha, definition }] })
  const dead = (more: Partial<BrokerQueue>): BrokerQueue => queue('orders', 1, 1, more)

  test.each<[string, Partial<BrokerQueue>, Here, string]>([
    ['that is declared with a length', { arguments: { 'x-max-length': 100 } }, {}, 'declared with a limit of its own'],
    [
      'that is declared with a size',
      { arguments: { 'x-max-length-bytes': 1e6 } },
      {},
      'declared with a limit of its own',
    ],
    ['that is declared to drop its oldest', { arguments: { 'x-overflow': 'drop-head' } }, {}, 'x-overflow drop-head'],
    [
      'that an operator policy limits',
      { effective: { 'max-length': 5_000 }, operatorPolicy: 'guard' },
      {},
      'the operator policy guard limits it',
    ],
    [
      'that an operator policy limits more than its own',
      { policy: 'ha', effective: { 'max-length': 50, overflow: 'reject-publish' }, operatorPolicy: 'guard' },
      policy({ 'max-length': 900, overflow: 'reject-publish' }),
      'the operator policy guard limits it',
    ],
    ['whose policy drops its oldest', { policy: 'ha' }, policy({ 'max-length': 900 }), 'keep only its newest messages'],
    [
      'whose policy drops its oldest by size',
      { policy: 'ha' },
      policy({ 'max-length-bytes': 900, overflow: 'drop-head' }),
      'keep only its newest messages',
    ],
    [
      'whose policy has a smaller limit',
      { policy: 'ha' },
      policy({ 'max-length': 400, overflow: 'reject-publish' }),
      'the policy ha limits it to 400 already',
    ],
    [
      'that gets the dead letters of another, by its name',
      {},
      { queues: [dead({ arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'q' } })] },
      'dead letters of orders come into it',
    ],
    [
      'that gets the dead letters of another, through two exchanges',
      {},
      {
        queues: [dead({ arguments: { 'x-dead-letter-exchange': 'dead' } })],
        bindings: [
          { exchange: 'dead', to: { exchange: 'all-dead' } },
          { exchange: 'all-dead', to: { queue: 'q' } },
        ],
      },
      'dead letters of orders come into it',
    ],
    [
      'of quorum type whose policy has reject-publish-dlx, which means drop-head there',
      { type: 'quorum', policy: 'ha' },
      policy({ 'max-length': 900, overflow: 'reject-publish-dlx' }),
      'keep only its newest messages',
    ],
    [
      'that gets the dead letters of another, through an exchange and a policy',
      {},
      {
        queues: [dead({ effective: { 'dead-letter-exchange': 'dead' } })],
        bindings: [{ exchange: 'dead', to: { queue: 'q' } }],
      },
      'dead letters of orders come into it',
    ],
  ])('on a queue %s', (_, one, here, why) => {
    expect(limitOf(one, here)).toEqual({ without: expect.stringContaining(why) as string })
  })

  test.each<[string, BrokerQueue]>([
    ['somewhere else', dead({ arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'elsewhere' } })],
    ['through an exchange that does not lead here', dead({ arguments: { 'x-dead-letter-exchange': 'dead' } })],
    ['nowhere', dead({})],
  ])('but it is where dead letters go %s', (_, other) => {
    expect(limitOf({}, { queues: [other] })).toHaveProperty('policy')
  })
})
