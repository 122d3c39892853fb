// A consumer that is back at work, and writes down the id of every message it has finished.
import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from './world.ts'

export interface Consumer {
  ids: string[]
  stop(): Promise<void>
}

/** `msEach`: how long it works on a message. */
export async function consumer(world: Pick<World, 'connect'>, queue: string, msEach = 0): Promise<Consumer> {
  const connection = await world.connect()
  const channel = await connection.createChannel()
  const ids: string[] = []
  let working = Promise.resolve()
  await channel.prefetch(msEach === 0 ? 500 : 20)
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return
    working = working.then(async () => {
      if (msEach > 0) await sleep(msEach)
      ids.push(String(message.properties.messageId))
      channel.ack(message)
    })
  })
  return {
    ids,
    async stop() {
      await channel.cancel(consumerTag)
      await working
      await channel.close()
      await connection.close()
    },
  }
}
