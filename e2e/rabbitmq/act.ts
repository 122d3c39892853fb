// A separate process that runs the runbook's steps with the real adapters, and dies where it is told to. A file stands in for Lambda's journal.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { s3Evidence } from '../../lambda/adapters/evidence.ts'
import { rabbitmqBroker } from '../../lambda/adapters/rabbitmq/broker.ts'
import { chunkKey, sumKey } from '../../lambda/runbooks/relieve-queue-backlog/kept.ts'
import { Refused, type Evidence, type Tools } from '../../lambda/ports/tools.ts'
import { RUNBOOKS } from '../../lambda/runbooks/index.ts'
import type { Case, Turn } from '../../lambda/runbooks/runbook.ts'
import { BUCKET, PREFIX } from './world.ts'

/** A chunk's messages are taken and not stored; stored and not acknowledged; acknowledged and not recorded; or the limit is set and not recorded. */
export type Death = { at: 'taken' | 'stored' | 'removed'; chunk: number } | { at: 'limited' }

export interface Order {
  run: string
  journal: string
  api: string
  amqp: string
  username: string
  password: string
  vhost: string
  queue: string
  options: Record<string, unknown>
  death?: Death
}

const order = JSON.parse(process.argv[2]!) as Order
const { death } = order

const die = async (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL')
  return new Promise<never>(() => undefined)
}

function mortal(evidence: Evidence): Evidence {
  const dies = (at: string, key: string): boolean =>
    death !== undefined &&
    'chunk' in death &&
    death.at === at &&
    key.endsWith(`/${at === 'removed' ? sumKey('', death.chunk) : chunkKey('', death.chunk)}`)
  return {
    ...evidence,
    async put(key, body) {
      if (dies('taken', key) || dies('removed', key)) await die()
      await evidence.put(key, body)
      if (dies('stored', key)) await die()
    },
  }
}

const broker = rabbitmqBroker({
  api: order.api,
  amqp: order.amqp,
  vhost: order.vhost,
  name: 'tocsin',
  credentials: async () => ({ username: order.username, password: order.password }),
})

const tools: Tools = {
  broker: {
    ...broker,
    async setPolicy(policy) {
      await broker.setPolicy(policy)
      if (death?.at === 'limited') await die()
    },
  },
  evidence: mortal(s3Evidence({ bucket: BUCKET, prefix: PREFIX })),
  cloud: { call: () => Promise.reject(new Refused('nothing of AWS is called here')) },
  now: Date.now,
  pause: (seconds) => sleep(seconds * 1000),
}

const runbook = RUNBOOKS.get('relieve-queue-backlog')!
const about: Case<Record<string, unknown>> = {
  run: order.run,
  service: 'message-broker',
  target: { rabbitmq: { vhost: order.vhost, api: order.api, amqp: order.amqp, queues: [order.queue] } },
  options: runbook.options.parse(order.options),
  since: 0,
  signals: ['memory', 'saturation'],
  alarm: { name: 'broker/memory', dimensions: {} },
}

/** One line for each step that has ended: its name and its result. */
const ended = new Map<string, unknown>(
  existsSync(order.journal)
    ? readFileSync(order.journal, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as [string, unknown])
    : [],
)

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (!ended.has(name)) {
    const value = await work()
    const file = openSync(order.journal, 'a')
    writeSync(file, `${JSON.stringify([name, value ?? null])}\n`)
    fsyncSync(file)
    closeSync(file)
    ended.set(name, value)
  }
  return ended.get(name) as T
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const { found, stop, facts } = await step('look', () => runbook.look(tools, about))
say(found)
if (stop !== undefined) throw new Error(`nothing was done: ${stop}`)
for (const [place, act] of runbook.steps(facts, about).entries()) {
  let state: unknown
  for (let count = 1; ; count++) {
    const known = state
    const turn = await step(`${place}.${count}`, async (): Promise<Turn> => {
      const why = count === 1 ? await act.ready?.(tools) : undefined
      if (why !== undefined) throw new Error(`${act.name}: ${why}`)
      return act.turn(tools, known)
    })
    say(`${act.name}: ${'done' in turn ? turn.done : turn.going}`)
    if ('done' in turn) break
    state = turn.state
    await sleep(turn.againInSeconds * 1000)
  }
}
