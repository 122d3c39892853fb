// A separate process that carries out one run, through the real stage and with the real adapters, and dies where it is told to. Files stand in
// for the table and for Lambda's journal.
import { setTimeout as sleep } from 'node:timers/promises'
import { s3Evidence } from '../../lambda/adapters/evidence.ts'
import { rabbitmqBroker } from '../../lambda/adapters/rabbitmq/broker.ts'
import { findRun, type Found } from '../../lambda/core/remediate/runs.ts'
import type { Journal } from '../../lambda/ports/runs.ts'
import { Refused, type Evidence, type Tools } from '../../lambda/ports/tools.ts'
import { BUILT_IN } from '../../lambda/runbooks/built-in.ts'
import { chunkKey, sumKey } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import type { Runbook } from '../../lambda/runbooks/runbook.ts'
import { act as decide } from '../../lambda/core/respond/act.ts'
import { remediate } from '../../lambda/stages/remediate.ts'
import { throughDoor } from '../../lambda/store/door.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { RUNBOOK, runtimeOf, tell } from './board.ts'
import { journalIn } from './files.ts'
import { BUCKET, PREFIX } from './world.ts'

/** A chunk's messages are taken and not stored; stored and not acknowledged; acknowledged and not recorded; or the limit is set and not recorded. */
export type Death = { at: 'taken' | 'stored' | 'removed'; chunk: number } | { at: 'limited' }

export interface Order {
  /** As the board will call it: `INC-0001-1` is that of the first incident. */
  run: string
  /** Where the table and the journals are. */
  folder: string
  api: string
  amqp: string
  username: string
  password: string
  vhost: string
  queue: string
  options: Record<string, unknown>
  /** @default auto */
  mode?: 'suggest' | 'auto'
  /** What its connections are called: two that work at the same time need two names. */
  name?: string
  death?: Death
  /** So many writes of chunks are throttled. */
  throttled?: number
}

const order = JSON.parse(process.argv[2]!) as Order
const { death } = order

const die = async (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL')
  return new Promise<never>(() => undefined)
}

let throttled = order.throttled ?? 0

function mortal(evidence: Evidence): Evidence {
  const dies = (at: string, key: string): boolean =>
    death !== undefined &&
    'chunk' in death &&
    death.at === at &&
    key.endsWith(`/${at === 'removed' ? sumKey('', death.chunk) : chunkKey('', death.chunk)}`)
  return {
    ...evidence,
    async put(key, body) {
      if (key.endsWith('.jsonl') && throttled-- > 0) throw new Error('SlowDown: please reduce your request rate')
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
  name: order.name ?? 'tocsin',
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

const runtime = await runtimeOf(order, tools)
const runbook = BUILT_IN.get(RUNBOOK)!

/** CloudWatch sees the recovery when the recipe does. What does not recover soon does not recover here. */
const recovering: Runbook = {
  ...runbook,
  verifySeconds: 60,
  async healthy(...about) {
    const health = await runbook.healthy(...about)
    if (health.ok) await tell(runtime, order.queue, 'OK')
    return health
  },
}

const onBoard = async (): Promise<Found | undefined> => findRun(await readBoard(runtime.table), order.run)

const said = new Set<string>()

/** Says what the board shows and has not shown before. */
async function follow(): Promise<void> {
  const { plan, steps } = (await onBoard())!.run
  const texts = steps.flatMap(({ name, text }) => (text === undefined ? [] : [`${name}: ${text}`]))
  for (const text of [...(plan ? [plan.found] : []), ...texts]) {
    if (!said.has(text)) process.stdout.write(`${text}\n`)
    said.add(text)
  }
}

const followed = (journal: Journal): Journal => ({
  ...journal,
  async step(name, work) {
    const result = await journal.step(name, work)
    await follow()
    return result
  },
})

if (!(await onBoard())) await tell(runtime, order.queue, 'ALARM')
const found = await onBoard()
if (!found) throw new Error(`the alarms opened no incident with a run ${order.run}`)
/** A person does, where it asks. */
const approve = (): Promise<string | undefined> =>
  throughDoor(runtime, {
    move: (draft) =>
      decide(draft, { do: 'approve', incident: found.incident.id }, { who: { id: 'UANA', name: 'Ana' } }),
  })

for (const phase of ['look', 'act'] as const) {
  if (phase === 'act' && (await onBoard())!.run.status === 'proposed') process.stdout.write((await approve()) ?? '')
  const execution = { incident: found.incident.id, run: order.run, phase, attempt: found.run.attempt }
  const journal = followed(journalIn(order.folder, execution))
  await remediate(runtime, journal, new Map([[RUNBOOK, recovering]]), execution)
}
const { status, why } = (await onBoard())!.run
process.stdout.write(`${status}: ${why}\n`)
if (status !== 'succeeded') process.exitCode = 1
