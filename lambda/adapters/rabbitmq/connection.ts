// A connection to the broker, kept only while it is in use: a function that sleeps between two calls would come back to a dead one.
import { connect, type ChannelModel } from 'amqplib'
import { Refused } from '../../ports/tools.ts'
import type { Reached } from './settings.ts'

/** The broker drops a connection that is silent for two heartbeats, and the messages it holds go back to the queue. */
const HEARTBEAT_SECONDS = 10
const CONNECT_MS = 10_000
const KEPT_MS = 1_000

export type Use = <T>(work: (connection: ChannelModel) => Promise<T>) => Promise<T>

interface Kept {
  connection: ChannelModel
  usedAt: number
  isOpen: boolean
}

/** `before`: runs each time before it connects. */
export function keptConnection(settings: Reached, name: string, before: () => Promise<void> = async () => {}): Use {
  let kept: Kept | undefined
  let closing: NodeJS.Timeout | undefined
  const drop = (): void => {
    const dropped = kept
    kept = undefined
    if (dropped?.isOpen) void dropped.connection.close().catch(() => undefined)
  }
  const open = async (): Promise<Kept> => {
    if (kept && (!kept.isOpen || Date.now() - kept.usedAt > 2 * KEPT_MS)) drop()
    if (kept) return kept
    await before()
    kept = await opened(settings, name)
    return kept
  }
  return async (work) => {
    clearTimeout(closing)
    try {
      const used = await open()
      try {
        return await work(used.connection)
      } finally {
        used.usedAt = Date.now()
      }
    } catch (error) {
      drop()
      throw explained(error, settings)
    } finally {
      closing = setTimeout(drop, KEPT_MS)
    }
  }
}

async function opened(settings: Reached, name: string): Promise<Kept> {
  const { username, password } = await settings.credentials()
  const { protocol, hostname, port } = new URL((await settings.address()).amqp)
  const connection = await connect(
    {
      protocol: protocol.replace(':', ''),
      hostname: hostname.replace(/^\[|\]$/g, ''),
      ...(port !== '' && { port: Number(port) }),
      username,
      password,
      // amqplib expects it encoded as in a URL.
      vhost: encodeURIComponent(settings.vhost),
      heartbeat: HEARTBEAT_SECONDS,
    },
    { timeout: CONNECT_MS, noDelay: true, clientProperties: { connection_name: name } },
  )
  const kept: Kept = { connection, usedAt: Date.now(), isOpen: true }
  connection.on('close', () => (kept.isOpen = false))
  // Whoever waits for an answer gets the error; without a listener it would end the process.
  connection.on('error', () => (kept.isOpen = false))
  return kept
}

const ADVICE: [code: number, sentence: (settings: Reached) => string][] = [
  [
    403,
    ({ vhost }) =>
      `the broker does not allow it: check username and password in its secret, and the user's permissions on the virtual host ${vhost}`,
  ],
  [404, ({ vhost }) => `there is no such queue in the virtual host ${vhost}`],
  [405, () => 'the queue is exclusive to another connection (an exclusive queue): nobody else may use it'],
  [406, () => 'the broker refuses it'],
  [
    530,
    ({ vhost }) => `the broker does not let its user into the virtual host ${vhost}, or there is none of this name`,
  ],
]

function explained(error: unknown, settings: Reached): unknown {
  if (error instanceof Refused || !(error instanceof Error)) return error
  const code = /Expected ConnectionOpenOk/.test(error.message)
    ? 530
    : ((error as { code?: unknown }).code ?? Number(/\b(403|404|405|406|530) \(/.exec(error.message)?.[1]))
  const advice = ADVICE.find(([known]) => known === code)?.[1]
  return advice ? new Refused(`${advice(settings)} (${error.message})`) : error
}
