// Messages over AMQP: taken from the head of a queue and removed only once they are safe elsewhere, or sent to its end.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import { Refused } from '../../ports/tools.ts'
import { QueueFull, type Broker, type BrokerMessage, type Most } from '../../ports/broker.ts'
import { keptConnection } from './connection.ts'
import { fromAmqp, toAmqp } from './message.ts'
import type { Reached } from './settings.ts'
import { plural } from '../../core/words/words.ts'

/** Higher than that of consumers that ask for none: the broker serves us first while we take. */
const PRIORITY = 1_000_000
/**
 * The broker sends as many at once as the prefetch count allows, whatever their size, and all of them take memory here. So a chunk is collected in
 * rounds of so few that they fit even at RabbitMQ 4's largest message, 16 MiB (`max_message_size`).
 */
const ROUND = 16
/**
 * Each round is a consumer of its own, and a quorum queue learns of an acknowledgment once for each. Its client in the broker sends it 32 at once
 * (`quorum_commands_soft_limit`) and forgets the others when the channel closes: those messages would come back although they seem to be removed.
 */
const ROUNDS_MOST = 30
/** The most that one take removes. */
const MOST_AT_ONCE = ROUND * ROUNDS_MOST
/** No delivery for this long: check whether there is more. Deliveries of one chunk follow each other within milliseconds. */
const QUIET_MS = 150
/** After this long, others took what is left, or the broker gives us nothing. */
const GIVE_UP_MS = 3_000
/** By then, a hung connection of ours is gone from the broker's list: it closes one within milliseconds of being asked. */
const LEFT_BEHIND_MS = 20_000
const CONFIRM_MS = 120_000

export function amqpMessages(
  settings: Reached,
  closeConnections: (name: string) => Promise<boolean>,
): Pick<Broker, 'take' | 'look' | 'publish'> {
  const takes = `${settings.name} takes`
  const taking = keptConnection(settings, takes, () => leaveNothingBehind(takes, closeConnections))
  const publishing = keptConnection(settings, `${settings.name} publishes`)
  return {
    take: (queue, most, keep) => taking((connection) => take(connection, queue, most, keep)),
    look: (queue, most) => taking((connection) => lookAt(connection, queue, most)),
    publish: (queue, messages) => publishing((connection) => publish(connection, queue, messages)),
  }
}

/** A function that was stopped may leave a connection open that still holds messages: they would be missing at the head of the queue. */
async function leaveNothingBehind(name: string, closeConnections: (name: string) => Promise<boolean>): Promise<void> {
  const end = Date.now() + LEFT_BEHIND_MS
  while (await closeConnections(name)) {
    if (Date.now() > end)
      throw new Error(`a connection "${name}" that was left behind does not end: close it on the broker`)
    await sleep(QUIET_MS)
  }
}

async function take(
  connection: ChannelModel,
  queue: string,
  most: Most,
  keep: Parameters<Broker['take']>[2],
): Promise<number> {
  const channel = await opened(connection.createChannel())
  try {
    const { leave = 0 } = most
    const room = leave === 0 ? Infinity : (await channel.checkQueue(queue)).messageCount - leave
    const messages = await collect(channel, queue, { ...most, messages: Math.min(most.messages, MOST_AT_ONCE, room) })
    const last = messages.at(-1)
    if (!last || (await keep(messages.map(fromAmqp))) === 'return') return 0
    channel.ack(last, true)
    // Answered after the acknowledgment before it on the same channel: without it, nobody would know whether that arrived.
    await channel.checkQueue(queue)
    return messages.length
  } finally {
    // Not a nack: that would put messages at the end of a quorum queue. What a channel held goes back to where it was.
    await channel.close().catch(() => undefined)
  }
}

async function lookAt(connection: ChannelModel, queue: string, most: Most): Promise<BrokerMessage[]> {
  const channel = await opened(connection.createChannel())
  try {
    return (await collect(channel, queue, most)).map(fromAmqp)
  } finally {
    await channel.close().catch(() => undefined)
  }
}

/** Without a listener, an error of the channel would end the process. Whoever waits for an answer gets the error. */
async function opened<C extends Channel>(opening: Promise<C>): Promise<C> {
  const channel = await opening
  channel.on('error', () => undefined)
  return channel
}

/** Up to `most` messages from the head, unacknowledged. When it returns, no more will be delivered. */
async function collect(channel: Channel, queue: string, { messages: most, bytes }: Most): Promise<ConsumeMessage[]> {
  const taken: ConsumeMessage[] = []
  let size = 0
  while (taken.length < most && size < bytes) {
    const wanted = Math.min(ROUND, most - taken.length)
    const { messages, waiting } = await collectRound(channel, queue, wanted)
    if (messages.length === 0 && taken.length === 0 && waiting > 0)
      throw new Refused(
        `${plural(waiting, 'message')} wait in ${queue}, but the broker gives them to one consumer only (single active consumer): stop that consumer first`,
      )
    taken.push(...messages)
    for (const { content } of messages) size += content.length
    if (messages.length < wanted) break
  }
  return taken
}

async function collectRound(
  channel: Channel,
  queue: string,
  most: number,
): Promise<{ messages: ConsumeMessage[]; waiting: number }> {
  const messages: ConsumeMessage[] = []
  const state = { isGone: false, lastAt: Date.now(), wake: () => {} }
  const receive = (message: ConsumeMessage | null): void => {
    if (message === null) state.isGone = true
    else messages.push(message)
    state.lastAt = Date.now()
    if (state.isGone || messages.length >= most) state.wake()
  }
  await channel.prefetch(most)
  const { consumerTag } = await channel.consume(queue, receive, { priority: PRIORITY })
  let waiting = 0
  while (messages.length < most && !state.isGone) {
    const had = messages.length
    await Promise.race([sleep(QUIET_MS), new Promise<void>((wake) => (state.wake = wake))])
    if (messages.length > had) continue
    waiting = (await channel.checkQueue(queue)).messageCount
    if ((waiting === 0 && messages.length === had) || Date.now() - state.lastAt > GIVE_UP_MS) break
  }
  if (state.isGone) throw new Refused(`the queue ${queue} was deleted while its messages were taken`)
  await channel.cancel(consumerTag)
  return { messages, waiting }
}

async function publish(connection: ChannelModel, queue: string, messages: readonly BrokerMessage[]): Promise<void> {
  const channel = await opened(connection.createConfirmChannel())
  try {
    let unroutable = false
    channel.on('return', () => (unroutable = true))
    const outcomes = await within(CONFIRM_MS, Promise.all(messages.map((message) => send(channel, queue, message))))
    if (unroutable) throw new Refused(`there is no queue ${queue} to send to`)
    const refused = messages.filter((_, i) => !outcomes[i])
    if (refused.length > 0) throw new QueueFull(queue, refused)
  } finally {
    await channel.close().catch(() => undefined)
  }
}

/** True if the broker has it, false if it refused it. Throws if that is unknown. */
function send(channel: ConfirmChannel, queue: string, message: BrokerMessage): Promise<boolean> {
  const { content, options } = toAmqp(message)
  return new Promise((resolve, reject) => {
    channel.sendToQueue(queue, content, { ...options, mandatory: true }, (error: Error | null) => {
      if (error === null) resolve(true)
      else if (error.message === 'message nacked') resolve(false)
      else reject(error)
    })
  })
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = sleep(ms, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`the broker confirmed nothing for ${ms / 1000} s: it may be blocking publishers`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    stop.abort()
  }
}
