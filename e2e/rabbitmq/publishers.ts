// Publishers as a careful team writes them: each message has an id, waits for its confirm, and is sent again if the broker rejects it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelModel } from 'amqplib'
import type { World } from './world.ts'

export interface Publishers {
  /** Ids that the broker has confirmed. */
  confirmed: string[]
  /** How often it refused one. */
  refused: number
  isBlocked: boolean
  wasBlocked: boolean
  /** Starts nothing new, and waits for messages in flight. */
  stop(): Promise<void>
}

const BODY = Buffer.alloc(4096, 'campaign ')
/** Messages in flight per publisher. */
const WINDOW = 20
/** Once they have been blocked: some 800 messages a second in total. */
const PAUSE_MS = 100
const PUBLISHERS = 4

/** `most`: in total. Without it they go on until stopped. */
export async function publishers(
  world: Pick<World, 'connect'>,
  queue: string,
  name: string,
  most = Infinity,
): Promise<Publishers> {
  const state: Publishers = { confirmed: [], refused: 0, isBlocked: false, wasBlocked: false, stop: async () => {} }
  const at = { next: 0, isStopped: false }
  const connections = await Promise.all(Array.from({ length: PUBLISHERS }, () => world.connect()))
  const work = connections.map((connection) =>
    publish(connection, queue, state, () => (at.isStopped || at.next >= most ? undefined : `${name}-${at.next++}`)),
  )
  state.stop = async () => {
    at.isStopped = true
    await Promise.all(work)
    await Promise.all(connections.map((connection) => connection.close()))
  }
  return state
}

async function publish(
  connection: ChannelModel,
  queue: string,
  state: Publishers,
  nextId: () => string | undefined,
): Promise<void> {
  connection.on('blocked', () => (state.isBlocked = state.wasBlocked = true))
  connection.on('unblocked', () => (state.isBlocked = false))
  const channel = await connection.createConfirmChannel()
  const one = (messageId: string): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const options = {
        messageId,
        persistent: true,
        timestamp: 1767225600,
        headers: { attempt: 1, tenant: { id: 7, tags: ['a', null] } },
      }
      channel.sendToQueue(queue, BODY, options, (error: Error | null) => {
        if (error === null) resolve(true)
        else if (error.message === 'message nacked') resolve(false)
        else reject(error)
      })
    })
  await Promise.all(
    Array.from({ length: WINDOW }, async () => {
      for (let id = nextId(); id !== undefined; id = nextId()) {
        while (!(await one(id))) {
          state.refused++
          await sleep(50)
        }
        state.confirmed.push(id)
        if (state.wasBlocked) await sleep(PAUSE_MS)
      }
    }),
  )
}
