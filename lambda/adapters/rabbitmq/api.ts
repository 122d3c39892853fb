// RabbitMQ's management API: the state of nodes and queues, policies, and connections that were left behind.
import { Refused } from '../../ports/tools.ts'
import type { Broker, BrokerNode, BrokerPolicy, BrokerQueue } from '../../ports/broker.ts'
import type { Reached } from './settings.ts'

const TIMEOUT_MS = 10_000

type Json = Record<string, unknown>

export interface Api extends Omit<Broker, 'take' | 'publish'> {
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
    nodes: async () => (await list('nodes')).filter((node) => node['running'] !== false).map(nodeOf),
    async queues() {
      const [queues, consumers] = await Promise.all([
        list(`queues/${here}?columns=${QUEUE_COLUMNS}`),
        list(`consumers/${here}?columns=queue.name`),
      ])
      const has = new Map<unknown, number>()
      for (const { queue } of consumers) {
        const name = (queue as Json | undefined)?.['name']
        has.set(name, (has.get(name) ?? 0) + 1)
      }
      return queues.map((queue) => queueOf(queue, has.get(queue['name']) ?? 0))
    },
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

function nodeOf(node: Json): BrokerNode {
  const what = `node ${String(node['name'])}`
  return {
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
  'policy',
  'message_stats.publish_details.rate',
  'message_stats.ack_details.rate',
].join(',')

/** `consumers`: counted just now; the queue's own figure is up to 5 seconds old. */
function queueOf(queue: Json, consumers: number): BrokerQueue {
  const count = (key: string): number => (typeof queue[key] === 'number' ? queue[key] : 0)
  const stats = (queue['message_stats'] ?? {}) as Record<string, { rate?: number } | undefined>
  const { type, policy } = queue
  return {
    name: String(queue['name']),
    type: type === 'quorum' || type === 'stream' ? type : 'classic',
    messages: count('messages'),
    ready: count('messages_ready'),
    bytes: count('message_bytes'),
    consumers,
    published: stats['publish_details']?.rate ?? 0,
    acknowledged: stats['ack_details']?.rate ?? 0,
    ...(typeof policy === 'string' && policy !== '' && { policy }),
  }
}

const policyOf = (policy: Json): BrokerPolicy => ({
  name: String(policy['name']),
  pattern: String(policy['pattern']),
  definition: (policy['definition'] ?? {}) as Json,
  applyTo: typeof policy['apply-to'] === 'string' ? policy['apply-to'] : 'all',
  priority: Number(policy['priority'] ?? 0),
})
