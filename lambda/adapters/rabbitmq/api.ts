// RabbitMQ's management API: the state of nodes and queues, policies, and connections that were left behind.
import { Refused } from '../../ports/tools.ts'
import { record, text } from '../../core/json.ts'
import type { Broker, BrokerNode, BrokerPolicy, BrokerQueue, Consumer } from '../../ports/broker.ts'
import type { Reached } from './settings.ts'

const TIMEOUT_MS = 10_000

type Json = Record<string, unknown>

export interface Api extends Omit<Broker, 'take' | 'look' | 'publish'> {
  /** Closes connections of this name in the virtual host; true if there were any. */
  closeConnections(name: string): Promise<boolean>
}

export function managementApi({ address, vhost, credentials }: Reached): Api {
  const here = encodeURIComponent(vhost)
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const [{ api }, { username, password }] = await Promise.all([address(), credentials()])
    const answer = await fetch(`${api.replace(/\/$/, '')}/api/${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await answer.text()
    if (answer.ok) return text === '' ? undefined : (JSON.parse(text) as unknown)
    throw failure(answer.status, `${method} /api/${path.replace(/\?.*/, '')}`, { username, vhost, api, text })
  }
  const list = async (path: string): Promise<Json[]> => (await call('GET', path)) as Json[]
  return {
    async nodes() {
      const [nodes, overview] = await Promise.all([list('nodes'), call('GET', `overview?columns=${OVERVIEW_COLUMNS}`)])
      measuring(overview as Json)
      return nodes.filter((node) => node['running'] !== false).map(nodeOf)
    },
    async queues() {
      const [queues, consumers, overview] = await Promise.all([
        list(`queues/${here}?columns=${QUEUE_COLUMNS}`),
        list(`consumers/${here}?columns=${CONSUMER_COLUMNS}`),
        call('GET', `overview?columns=${OVERVIEW_COLUMNS}`),
      ])
      const { rates_mode: rates } = measuring(overview as Json)
      const has = Map.groupBy(consumers, ({ queue }) => record(queue)?.['name'])
      return queues.map((queue) => queueOf(queue, (has.get(queue['name']) ?? []).map(consumerOf), rates !== 'none'))
    },
    async peak({ name, messages }) {
      const totals = await Promise.all(
        PERIODS.map(async ({ age, each }) => {
          const path = `queues/${here}/${encodeURIComponent(name)}?columns=message_stats.publish_details&msg_rates_age=${age}&msg_rates_incr=${each}`
          const { message_stats: stats } = (await call('GET', path)) as Json
          const samples = record(record(stats)?.['publish_details'])?.['samples']
          return Array.isArray(samples) ? { each, totals: padded(samples.map(totalIn), messages) } : undefined
        }),
      )
      const known = totals.filter((one) => one !== undefined)
      return known.length === 0 ? undefined : Math.max(...known.map(mostWithinTen))
    },
    async version() {
      const { rabbitmq_version: version } = (await call('GET', 'overview?columns=rabbitmq_version')) as Json
      return String(version)
    },
    bindings: async () =>
      (await list(`bindings/${here}`)).flatMap(({ source, destination, destination_type: type }) =>
        source === ''
          ? []
          : [
              {
                exchange: String(source),
                to: type === 'queue' ? { queue: String(destination) } : { exchange: String(destination) },
              },
            ],
      ),
    policies: async () => (await list(`policies/${here}`)).map(policyOf),
    async setPolicy({ name, pattern, definition, applyTo, priority }) {
      const policy = { pattern, definition, 'apply-to': applyTo, priority }
      await call('PUT', `policies/${here}/${encodeURIComponent(name)}`, policy)
    },
    async deletePolicy(name) {
      // If it does not exist, it counts as deleted.
      await call('DELETE', `policies/${here}/${encodeURIComponent(name)}`).catch(unlessMissing)
    },
    async closeConnections(wanted) {
      const found = await list(`vhosts/${here}/connections?columns=name,user_provided_name`)
      const left = found.filter(({ user_provided_name: name }) => name === wanted)
      for (const { name } of left)
        await call('DELETE', `connections/${encodeURIComponent(String(name))}`).catch(unlessMissing)
      return left.length > 0
    },
  }
}

/** Seconds. What it keeps of a queue by default: samples every 5 seconds for ten minutes, every minute for an hour (`sample_retention_policies`, `basic`). */
const PERIODS = [
  { age: 600, each: 5 },
  { age: 3600, each: 60 },
] as const

const TEN_MINUTES = 600

const totalIn = (sample: unknown): number => Number(record(sample)?.['sample'] ?? 0)

/** Where the broker has no sample yet it says 0, as it does of a queue that was new then. */
function padded(totals: readonly number[], messages: number): number[] {
  const first = totals.findLast((total) => total > 0) ?? 0
  const end = totals.lastIndexOf(first)
  return totals.map((total, place) => (place > end ? Math.max(0, first - messages) : total))
}

/** Of totals, newest first, one every so many seconds. A broker or queue that began to count anew had less before than after. */
function mostWithinTen({ each, totals }: { each: number; totals: readonly number[] }): number {
  const apart = TEN_MINUTES / each
  return Math.max(0, ...totals.map((total, place) => total - (totals[Math.min(place + apart, totals.length - 1)] ?? 0)))
}

class Missing extends Refused {}

function unlessMissing(error: unknown): void {
  if (!(error instanceof Missing)) throw error
}

interface Where {
  username: string
  vhost: string
  api: string
  text: string
}

function failure(status: number, call: string, { username, vhost, api, text }: Where): Error {
  const said = `${call} answered ${status}: ${text.slice(0, 200)}`
  // A missing tag or permission is also a 401, with another reason.
  if (status === 401 && /"reason":"(Login failed|Not_Authorized)"/.test(text))
    return new Refused(
      `the broker does not accept the user ${username}: store the right username and password in its secret (${said})`,
    )
  if (status === 401 || status === 403)
    return new Refused(
      `the broker's user ${username} may not do this: give it the tags monitoring and policymaker, and permissions on the virtual host ${vhost} (${said})`,
    )
  if (status === 404)
    return new Missing(`the broker at ${api} has no such resource: check vhost and queues of the target (${said})`)
  if (status === 400) return new Refused(`the broker refuses it (${said})`)
  return new Error(`the broker's management API: ${said}`)
}

/** Until a node has measured itself once, it reports nothing: a retry in a few seconds can help. */
function number(from: Json, key: string, what: string): number {
  const value = from[key]
  if (typeof value !== 'number')
    throw new Error(`the broker does not tell ${key} of ${what} yet: try again in 5 seconds`)
  return value
}

const OVERVIEW_COLUMNS = 'disable_stats,rates_mode'

/** A broker whose statistics are off will never tell a number. https://www.rabbitmq.com/docs/management#disable-stats */
function measuring(overview: Json): Json {
  if (overview['disable_stats'] === true)
    throw new Refused(
      'the broker measures nothing, because its statistics are switched off: take management_agent.disable_metrics_collector and management.disable_stats out of its configuration',
    )
  return overview
}

function nodeOf(node: Json): BrokerNode {
  const what = `node ${String(node['name'])}`
  return {
    name: String(node['name']),
    memoryUsed: number(node, 'mem_used', what),
    memoryLimit: number(node, 'mem_limit', what),
    diskFree: number(node, 'disk_free', what),
    diskFreeLimit: number(node, 'disk_free_limit', what),
    blocked: node['mem_alarm'] === true || node['disk_free_alarm'] === true,
  }
}

/** The only columns to ask for: all of them take long with thousands of queues. */
const QUEUE_COLUMNS = [
  'name',
  'type',
  'messages',
  'messages_ready',
  'message_bytes',
  'message_bytes_ready',
  'policy',
  'operator_policy',
  'effective_policy_definition',
  'arguments',
  'auto_delete',
  'exclusive',
  'state',
  'message_stats',
].join(',')

const CONSUMER_COLUMNS = 'queue.name,exclusive,channel_details.connection_name,channel_details.name'

/** Worked off without an acknowledgment, besides those that were acknowledged. */
const WITHOUT_ACK = ['deliver_no_ack', 'get_no_ack'] as const

/** All of it is up to 5 seconds old, which consumers there are included. */
function queueOf(queue: Json, consumers: Consumer[], hasRates: boolean): BrokerQueue {
  const count = (key: string): number => (typeof queue[key] === 'number' ? queue[key] : 0)
  const stats = record(queue['message_stats']) ?? {}
  // What has never happened has no entry.
  const total = (key: string): number => (typeof stats[key] === 'number' ? stats[key] : 0)
  const rate = (key: string): number => Number(record(stats[`${key}_details`])?.['rate'] ?? 0)
  const rates = {
    published: rate('publish'),
    acknowledged: rate('ack') + WITHOUT_ACK.reduce((sum, key) => sum + rate(key), 0),
  }
  const totals = {
    published: total('publish'),
    acknowledged: total('ack') + WITHOUT_ACK.reduce((sum, key) => sum + total(key), 0),
    redelivered: total('redeliver'),
  }
  const { name, type, policy, operator_policy: operatorPolicy, state } = queue
  return {
    name: String(name),
    type: typeOf(type),
    measured: typeof queue['messages'] === 'number',
    messages: count('messages'),
    ready: count('messages_ready'),
    bytes: count('message_bytes'),
    readyBytes: count('message_bytes_ready'),
    consumers,
    ...(hasRates && rates),
    totals,
    arguments: record(queue['arguments']) ?? {},
    effective: record(queue['effective_policy_definition']) ?? {},
    ...(typeof policy === 'string' && policy !== '' && { policy }),
    ...(typeof operatorPolicy === 'string' && operatorPolicy !== '' && { operatorPolicy }),
    autoDelete: queue['auto_delete'] === true,
    exclusive: queue['exclusive'] === true,
    state: text(state) ?? 'running',
  }
}

/** Brokers before 3.8 know classic queues only, and say nothing. */
function typeOf(type: unknown): BrokerQueue['type'] {
  if (type === undefined) return 'classic'
  return type === 'classic' || type === 'quorum' || type === 'stream' ? type : 'unknown'
}

const consumerOf = ({ exclusive, channel_details: channel }: Json): Consumer => ({
  connection: text(record(channel)?.['connection_name']) ?? text(record(channel)?.['name']) ?? 'an unknown connection',
  exclusive: exclusive === true,
})

const policyOf = (policy: Json): BrokerPolicy => ({
  name: String(policy['name']),
  pattern: String(policy['pattern']),
  definition: (policy['definition'] ?? {}) as Json,
  applyTo: typeof policy['apply-to'] === 'string' ? policy['apply-to'] : 'all',
  priority: Number(policy['priority'] ?? 0),
})
