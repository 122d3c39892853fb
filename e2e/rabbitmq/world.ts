// What the test works with: a real broker, a bucket, publishers, and a count of every message by id.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { connect, type ChannelModel } from 'amqplib'
import { buildApp } from 'fauxqs'
import { s3Evidence } from '../../lambda/adapters/evidence.ts'
import { rabbitmqBroker } from '../../lambda/adapters/rabbitmq/broker.ts'
import { folderOf, linesOf, sumKeysIn } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import type { Broker } from '../../lambda/ports/broker.ts'
import type { Evidence } from '../../lambda/ports/tools.ts'
import type { Publishers } from './publishers.ts'
import { startRabbitMq, type RabbitMq } from './start.ts'

export const BUCKET = 'evidence'
export const PREFIX = 'evidence/'
/** Not `/`, and with a slash: addresses must take it. */
export const VHOST = 'studio/prod'
export const HEAVY = 'campaign-jobs'

export interface World {
  rabbit: RabbitMq
  broker: Broker
  evidence: Evidence
  /** Where the board and the journals of its runs survive a kill. */
  folder: string
  /** For processes of their own. */
  environment: Record<string, string>
  connect(): Promise<ChannelModel>
  publishers?: Publishers
}

export async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const rabbit = await startRabbitMq()
  const app = buildApp({ logger: false })
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-runs-'))
  try {
    const endpoint = await app.listen({ port: 0, host: '127.0.0.1' })
    const environment = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    }
    Object.assign(process.env, environment)
    await new S3Client().send(new CreateBucketCommand({ Bucket: BUCKET }))
    await makeVirtualHost(rabbit)
    const { username, password } = rabbit
    const settings = {
      api: rabbit.api,
      amqp: rabbit.amqp,
      vhost: VHOST,
      credentials: async () => ({ username, password }),
    }
    await work({
      rabbit,
      folder,
      environment: { ...environment, TOCSIN_BROKER_PASSWORD: password },
      broker: rabbitmqBroker({ ...settings, name: 'the walk' }),
      evidence: s3Evidence({ bucket: BUCKET, prefix: PREFIX }),
      connect: () => connectTo(rabbit),
    })
  } finally {
    await rabbit.stop()
    await app.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function connectTo({ amqp, username, password }: RabbitMq): Promise<ChannelModel> {
  const { hostname, port } = new URL(amqp)
  const vhost = encodeURIComponent(VHOST)
  const connection = await connect({ hostname, port: Number(port), username, password, vhost })
  connection.on('error', () => undefined)
  return connection
}

export async function makeVirtualHost({ api, username, password }: RabbitMq): Promise<void> {
  const headers = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  const answer = await fetch(`${api}/api/vhosts/${encodeURIComponent(VHOST)}`, { method: 'PUT', headers })
  if (!answer.ok) throw new Error(`no virtual host: ${answer.status}`)
}

/** Where a run keeps what it takes out of a queue. Its name there says when it was proposed; nothing is kept yet where there is none. */
export async function folderIn({ list }: Pick<Evidence, 'list'>, run: string, queue: string): Promise<string> {
  const folders = (await list(`${run}-`)).map((key) => key.slice(0, key.lastIndexOf('/') + 1))
  return folders.find((folder) => folder.endsWith(folderOf('', queue))) ?? folderOf(run, queue)
}

/** Ids of the messages that a run has taken out of a queue, each as often as it is in the copy. */
export async function keptIds({ evidence }: Pick<World, 'evidence'>, run: string, queue: string): Promise<string[]> {
  const sums = sumKeysIn(await evidence.list(await folderIn(evidence, run, queue)))
  const texts = await Promise.all(sums.map((key) => evidence.get(key.replace(/json$/, 'jsonl'))))
  return texts.flatMap((text) => linesOf(text ?? '')).map(({ properties }) => String(properties['messageId']))
}

/** Consumes everything in a queue; returns the ids in order. */
export async function drain({ connect }: World, queue: string): Promise<string[]> {
  const connection = await connect()
  const channel = await connection.createChannel()
  const ids: string[] = []
  for (;;) {
    const message = await channel.get(queue, { noAck: true })
    if (message === false) break
    ids.push(String(message.properties.messageId))
  }
  await connection.close()
  return ids
}

/** What the broker measures at its publishers' channels comes seconds after what it measures at its queues. */
export const haveCounted = async ({ broker }: Pick<World, 'broker'>, queue: string, count: number): Promise<boolean> =>
  ((await broker.peak({ name: queue, messages: count })) ?? 0) >= count

/** What is missing from `all`, and what is there more than once. */
export function compare(
  all: readonly string[],
  found: readonly string[],
): { lost: number; doubled: number; strange: number } {
  const wanted = new Set(all)
  const seen = new Set(found)
  return {
    lost: [...wanted].filter((id) => !seen.has(id)).length,
    doubled: found.length - seen.size,
    strange: [...seen].filter((id) => !wanted.has(id)).length,
  }
}

/** How many are there more often than in `all`, which may hold one more than once. */
export function surplus(all: readonly string[], found: readonly string[]): number {
  const left = new Map<string, number>()
  for (const id of all) left.set(id, (left.get(id) ?? 0) + 1)
  for (const id of found) left.set(id, (left.get(id) ?? 0) - 1)
  return [...left.values()].reduce((sum, count) => sum + Math.max(0, -count), 0)
}
