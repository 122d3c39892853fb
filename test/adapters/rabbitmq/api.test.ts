// The management API: what is asked of the broker, what its answers mean, and which of its refusals a retry cannot fix.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rabbitmqBroker } from '../../../lambda/adapters/rabbitmq/broker.ts'
import { Refused } from '../../../lambda/ports/tools.ts'
import type { Broker } from '../../../lambda/ports/broker.ts'

interface Asked {
  line: string
  body: unknown
  authorization: string | undefined
}

let server: Server
let asked: Asked[]
let answers: Record<string, { status?: number; json?: unknown }>

beforeEach(async () => {
  asked = []
  answers = {}
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString()))
    request.on('end', () => {
      const line = `${request.method} ${request.url}`
      asked.push({
        line,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
        authorization: request.headers.authorization,
      })
      const found = Object.entries(answers).find(([start]) => line.startsWith(start))?.[1] ?? {
        status: 404,
        json: { error: 'Object Not Found', reason: 'Not Found' },
      }
      response.writeHead(found.status ?? 200, { 'content-type': 'application/json' })
      response.end(found.json === undefined ? '' : JSON.stringify(found.json))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})

afterEach(() => new Promise((done) => server.close(done)))

const broker = (more = {}): Broker =>
  rabbitmqBroker({
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    amqp: 'amqp://127.0.0.1:1',
    vhost: 'studio/prod',
    name: 'tocsin',
    credentials: async () => ({ username: 'tocsin', password: 'p:ä' }),
    ...more,
  })

const QUEUE = {
  name: 'jobs',
  type: 'quorum',
  messages: 9,
  messages_ready: 7,
  message_bytes: 4_096,
  message_bytes_ready: 3_000,
  policy: 'ha',
  operator_policy: 'guard',
  effective_policy_definition: { 'max-length': 5 },
  arguments: { 'x-delivery-limit': 3 },
  auto_delete: false,
  exclusive: false,
  state: 'running',
  message_stats: {
    publish: 70,
    publish_details: { rate: 2.5 },
    ack: 60,
    ack_details: { rate: 1 },
    get_no_ack: 1,
    get_no_ack_details: { rate: 0.5 },
    redeliver: 3,
  },
}
const MEASURING = { 'GET /api/overview': { json: { disable_stats: false, rates_mode: 'basic' } } }

test('queues, with their consumers counted now', async () => {
  answers = {
    'GET /api/queues/studio%2Fprod?': { json: [QUEUE, { name: 'new' }] },
    'GET /api/consumers/studio%2Fprod?': {
      json: [
        { queue: { name: 'jobs' }, exclusive: true, channel_details: { connection_name: 'worker', name: 'a (1)' } },
        { queue: { name: 'jobs' }, channel_details: { name: 'a (1)' } },
        { queue: { name: 'other' } },
      ],
    },
    ...MEASURING,
  }
  const none = { messages: 0, ready: 0, bytes: 0, readyBytes: 0, consumers: [], published: 0, acknowledged: 0 }
  const plain = { arguments: {}, effective: {}, autoDelete: false, exclusive: false, state: 'running' }
  expect(await broker().queues()).toEqual([
    {
      name: 'jobs',
      type: 'quorum',
      measured: true,
      messages: 9,
      ready: 7,
      bytes: 4_096,
      readyBytes: 3_000,
      consumers: [
        { connection: 'worker', exclusive: true },
        { connection: 'a (1)', exclusive: false },
      ],
      published: 2.5,
      acknowledged: 1.5,
      totals: { published: 70, acknowledged: 61, redelivered: 3 },
      arguments: { 'x-delivery-limit': 3 },
      effective: { 'max-length': 5 },
      policy: 'ha',
      operatorPolicy: 'guard',
      autoDelete: false,
      exclusive: false,
      state: 'running',
    },
    {
      name: 'new',
      type: 'classic',
      measured: false,
      ...none,
      totals: { published: 0, acknowledged: 0, redelivered: 0 },
      ...plain,
    },
  ])
  expect(asked[0]!.authorization).toBe(`Basic ${Buffer.from('tocsin:p:ä').toString('base64')}`)
})

test.each([
  ['for memory', { mem_alarm: true, disk_free_alarm: false }, true],
  ['for the disk', { mem_alarm: false, disk_free_alarm: true }, true],
  ['not', { mem_alarm: false, disk_free_alarm: false }, false],
])('nodes that block publishers %s', async (_, alarms, blocked) => {
  const node = { name: 'a', mem_used: 5, mem_limit: 4, disk_free: 3, disk_free_limit: 2, ...alarms }
  answers = { ...MEASURING, 'GET /api/nodes': { json: [node, { name: 'b', running: false }] } }
  expect(await broker().nodes()).toEqual([
    { name: 'a', memoryUsed: 5, memoryLimit: 4, diskFree: 3, diskFreeLimit: 2, blocked },
  ])
})

test('a node that has not measured itself yet is asked again', async () => {
  answers = { ...MEASURING, 'GET /api/nodes': { json: [{ name: 'a', running: true }] } }
  const failed = await broker()
    .nodes()
    .catch((error: unknown) => error as Error)
  expect(failed).not.toBeInstanceOf(Refused)
  expect((failed as Error).message).toContain('try again in 5 seconds')
})

test.each(['nodes', 'queues'] as const)('a broker whose statistics are off tells no %s, and why', async (what) => {
  answers = {
    'GET /api/overview': { json: { disable_stats: true, rates_mode: 'basic' } },
    'GET /api/nodes': { json: [{ name: 'a', running: true }] },
    'GET /api/queues': { json: [{ name: 'jobs' }] },
    'GET /api/consumers': { json: [] },
  }
  await expect(broker()[what]()).rejects.toThrow(Refused)
  await expect(broker()[what]()).rejects.toThrow('its statistics are switched off')
})

test('where no rates are measured, none are told', async () => {
  answers = {
    'GET /api/overview': { json: { disable_stats: false, rates_mode: 'none' } },
    'GET /api/queues': { json: [QUEUE] },
    'GET /api/consumers': { json: [] },
  }
  expect(Object.keys((await broker().queues())[0]!)).not.toContain('published')
})

test('a type that is not known is said to be so', async () => {
  answers = {
    ...MEASURING,
    'GET /api/queues': { json: [{ name: 'a', type: 'x-jms-topic' }, { name: 'b' }] },
    'GET /api/consumers': { json: [] },
  }
  expect((await broker().queues()).map(({ type }) => type)).toEqual(['unknown', 'classic'])
})

const samples = (...totals: number[]) => ({
  json: {
    message_stats: { publish_details: { rate: 0, samples: totals.map((sample) => ({ sample, timestamp: 0 })) } },
  },
})
const lastMinutes = (every: number, ...totals: number[]) =>
  samples(...totals.flatMap((total) => Array.from({ length: every }, () => total)))

test.each([
  ['as many as came in the last ten minutes', lastMinutes(12, 900, 900, 700, 0, 0, 0, 0, 0, 0, 0), samples(), 900],
  [
    'as many as came in the busiest ten minutes of the hour, if nothing came in the last',
    lastMinutes(12, 900),
    samples(900, ...Array.from({ length: 20 }, () => 900), 850, 500, 100, ...Array.from({ length: 30 }, () => 40)),
    860,
  ],
  ['none, where none came', lastMinutes(12, 40), samples(40, 40), 0],
  ['none since it counts anew', samples(0, 0, 5_000), samples(0, 5_000), 0],
  [
    'no more than wait, of a time of which it has no samples',
    lastMinutes(12, 5_000_100, 5_000_000, 0, 0),
    samples(5_000_100, 5_000_000, 0),
    1_000,
  ],
  ['nothing, where the broker keeps no rates', { json: {} }, { json: {} }, undefined],
])('the busiest ten minutes of a queue: %s', async (_, tenMinutes, hour, wanted) => {
  const path = 'GET /api/queues/studio%2Fprod/a%20b?columns=message_stats.publish_details&'
  answers = {
    [`${path}msg_rates_age=600&msg_rates_incr=5`]: tenMinutes,
    [`${path}msg_rates_age=3600&msg_rates_incr=60`]: hour,
  }
  expect(await broker().peak({ name: 'a b', messages: 900 })).toBe(wanted)
})

test('bindings of exchanges to queues and to each other', async () => {
  const fan = { source: 'fan', destination: 'jobs', destination_type: 'queue', routing_key: 'x' }
  answers = {
    'GET /api/bindings/studio%2Fprod': {
      json: [fan, { ...fan, source: '' }, { ...fan, destination_type: 'exchange' }],
    },
  }
  expect(await broker().bindings()).toEqual([
    { exchange: 'fan', to: { queue: 'jobs' } },
    { exchange: 'fan', to: { exchange: 'jobs' } },
  ])
})

test('its version', async () => {
  answers = { 'GET /api/overview': { json: { rabbitmq_version: '3.10.8' } } }
  expect(await broker().version()).toBe('3.10.8')
})

test('policies are set, read and deleted under their name', async () => {
  const policy = {
    name: 'tocsin-a/b',
    pattern: '^a/b$',
    definition: { 'max-length': 5 },
    applyTo: 'queues',
    priority: 1,
  }
  answers = {
    'PUT /api/policies/studio%2Fprod/tocsin-a%2Fb': { status: 201 },
    'DELETE /api/policies/studio%2Fprod/tocsin-a%2Fb': { status: 204 },
    'GET /api/policies/studio%2Fprod': {
      json: [
        { name: 'tocsin-a/b', pattern: '^a/b$', definition: { 'max-length': 5 }, 'apply-to': 'queues', priority: 1 },
      ],
    },
  }
  await broker().setPolicy(policy)
  expect(asked[0]!.body).toEqual({
    pattern: '^a/b$',
    definition: { 'max-length': 5 },
    'apply-to': 'queues',
    priority: 1,
  })
  expect(await broker().policies()).toEqual([policy])
  await broker().deletePolicy('tocsin-a/b')
})

test('a policy that is not there is deleted', async () => {
  await expect(broker().deletePolicy('gone')).resolves.toBeUndefined()
})

// As RabbitMQ 3.10 and 4 word it.
test.each([
  [401, { error: 'not_authorized', reason: 'Login failed' }, 'does not accept the user tocsin'],
  [401, { error: 'not_authorized', reason: 'Not_Authorized' }, 'does not accept the user tocsin'],
  [401, { error: 'not_authorised', reason: 'Not management user' }, 'give it the tags monitoring and policymaker'],
  [
    401,
    { error: 'not_authorised', reason: 'User not authorised to access object' },
    'give it the tags monitoring and policymaker',
  ],
  [403, { error: 'forbidden' }, 'give it the tags monitoring and policymaker'],
  [404, { error: 'Object Not Found' }, 'check vhost and queues of the target'],
  [400, { error: 'bad_request', reason: 'Validation failed' }, 'Validation failed'],
])('%d %j is refused, and it says what to do', async (status, json, words) => {
  answers = { 'GET /api/policies': { status, json } }
  const failed = await broker()
    .policies()
    .catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(Refused)
  expect((failed as Error).message).toContain(words)
  expect((failed as Error).message).not.toContain('p:ä')
})

test.each([429, 500, 503])('%d may pass', async (status) => {
  answers = { 'GET /api/policies': { status } }
  const failed = await broker()
    .policies()
    .catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(Error)
  expect(failed).not.toBeInstanceOf(Refused)
})

test('addresses that the target does not tell are looked up, once', async () => {
  answers = { 'GET /api/policies': { json: [] } }
  const { port } = server.address() as AddressInfo
  let looked = 0
  const found = broker({ api: '', find: async () => (looked++, { api: `http://127.0.0.1:${port}`, amqp: '' }) })
  await found.policies()
  await found.policies()
  expect(looked).toBe(1)
  await expect(broker({ api: '' }).policies()).rejects.toThrow('write target.rabbitmq.broker for Amazon MQ')
})

test('a broker that is not there may come back', async () => {
  const failed = await broker()
    .take('jobs', { messages: 1, bytes: Infinity }, async () => 'return')
    .catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(Error)
})
