// All stages wired together in memory, on a virtual clock: what the queues, timers and the function URL do in AWS.
import { createHmac } from 'node:crypto'
import { MOST_RECEIVES, NOTIFY, VISIBILITY_SECONDS } from '../lambda/core/facts/queues.ts'
import type { Config } from '../lambda/core/services/config.ts'
import { NO_SCOPE } from '../lambda/core/incident/run.ts'
import type { Person } from '../lambda/core/incident/person.ts'
import type { Ask } from '../lambda/core/respond/act.ts'
import { rulesOf } from '../lambda/core/services/rules.ts'
import { escalate, type Due } from '../lambda/stages/escalate.ts'
import { seen } from '../lambda/core/remediate/progress.ts'
import { wouldRun } from './would-run.ts'
import { findRun } from '../lambda/core/remediate/runs.ts'
import { intake, type Result } from '../lambda/stages/intake.ts'
import { notify } from '../lambda/stages/notify.ts'
import { nameOf, type RunOrder } from '../lambda/ports/runs.ts'
import type { Incoming, Runtime } from '../lambda/ports/runtime.ts'
import { respond } from '../lambda/stages/respond.ts'
import { readBoard } from '../lambda/store/board.ts'
import { throughDoor } from '../lambda/store/door.ts'
import { virtualClock, type VirtualClock } from './clock.ts'
import { fifo } from './fifo.ts'
import {
  memoryChat,
  memoryDialogs,
  memoryTable,
  type MemoryChat,
  type MemoryDialogs,
  type MemoryTable,
} from './memory.ts'

export interface World {
  clock: VirtualClock
  table: MemoryTable
  chat: MemoryChat
  dialogs: MemoryDialogs
  runtime: Runtime
  deadLetters: { body: string; reason: string }[]
  /** Places whose notices were given up. */
  unheard: readonly string[]
  deliver(messages: Incoming[]): Promise<Result[]>
  click(ask: Ask, who: Person): Promise<number>
}

const SECRET = 'in memory only'
/** As in a durable execution: its steps are tried again, soon. */
const MOST_STEPS = 5
const STEP_AFTER_MS = 1000

/** `process` gives each run of a stage its own outside, since each run of a Lambda may be in a process of its own. */
export function world(
  config: Config,
  start: number,
  process: (runtime: Runtime) => Runtime = (runtime) => runtime,
  runs: (runtime: Runtime, runbook: string, order: RunOrder) => Promise<void> = touchNothing,
): World {
  const clock = virtualClock(start)
  const table = memoryTable()
  const chat = memoryChat(clock.now)
  const dialogs = memoryDialogs()
  const deadLetters: World['deadLetters'] = []
  const set = new Set<string>()
  /** What fails is tried again, like a step of a durable execution. */
  const persist = async (run: () => Promise<void>, tries = 1): Promise<void> => {
    try {
      await run()
    } catch (error) {
      if (tries >= MOST_STEPS) throw error
      await clock.sleep(STEP_AFTER_MS)
      await persist(run, tries + 1)
    }
  }

  const told = fifo(clock, NOTIFY.atOnce, (place) =>
    notify(process(runtime), place, clock.now() + NOTIFY.timeoutSeconds * 1000),
  )

  const once = async (name: string, at: number, due: Due): Promise<void> => {
    if (set.has(name)) return
    set.add(name)
    clock.at(at, () => persist(() => escalate(process(runtime), due)))
  }

  const runtime: Runtime = {
    table,
    clock,
    chat,
    dialogs,
    rules: rulesOf(config),
    log: () => undefined,
    notices: { changed: async (place) => told.send(place) },
    deadLetters: { keep: async (body, reason) => void deadLetters.push({ body, reason }) },
    runs: {
      async start(runbook, order) {
        const name = nameOf(order)
        if (set.has(name)) return
        set.add(name)
        clock.at(clock.now(), () => persist(() => runs(process(runtime), runbook, order)))
      },
    },
    tools: () => notHere('the resources of a service'),
    people: { isIn: async () => false, isFullMember: async () => true },
    timers: {
      wake: (incident, at) => once(`${incident}@${at}`, at, { incident }),
      tell: (place, at) => once(`${place}@${at}`, at, { place }),
    },
    secrets: { connection: async () => ({ signingSecrets: [SECRET], installation: {} }) },
  }

  const deliver = async (messages: Incoming[], tries = 1): Promise<Result[]> => {
    const { results, failed } = await intake(process(runtime), messages)
    if (failed.length === 0) return results
    const again = messages.filter(({ id }) => failed.includes(id))
    if (tries < MOST_RECEIVES) {
      await clock.sleep(VISIBILITY_SECONDS * 1000)
      return [...results, ...(await deliver(again, tries + 1))]
    }
    deadLetters.push(...again.map(({ body }) => ({ body, reason: 'could not be taken in' })))
    return [...results, ...again.map(({ id }) => ({ id, fate: { unreadable: 'could not be taken in' } }))]
  }

  return {
    clock,
    table,
    chat,
    dialogs,
    runtime,
    deadLetters,
    unheard: told.deadLetters,
    deliver: (messages) => deliver(messages),
    async click(ask, who) {
      const rawBody = new URLSearchParams({ payload: JSON.stringify(payloadOf(ask, who)) }).toString()
      const timestamp = String(Math.floor(clock.now() / 1000))
      const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${timestamp}:${rawBody}`).digest('hex')}`
      const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature }
      // What the function URL answers when a function fails: the person sees it, and clicks again.
      const failed = { statusCode: 502 }
      return (await respond(process(runtime), { headers, rawBody }).catch(() => failed)).statusCode
    },
  }
}

/** What Slack sends for a click. */
function payloadOf({ do: does, incident, choice }: Ask, who: Person): object {
  return {
    type: 'block_actions',
    user: who,
    response_url: 'memory:',
    actions: [
      {
        action_id: does,
        block_id: `incident:${incident}`,
        ...(choice !== undefined && { selected_option: { value: choice } }),
      },
    ],
  }
}

/** A replay has no targets to look at: runbooks are proposed as they would have been, and runs that would have started are noted. */
async function touchNothing(
  runtime: Runtime,
  runbook: string,
  { incident, run, phase, attempt }: RunOrder,
): Promise<void> {
  const service = findRun(await readBoard(runtime.table), run)?.run.service ?? ''
  const lock = `${runbook}:${service}`
  const found = { found: `a replay does not look at ${service}`, steps: [], lock, scope: NO_SCOPE }
  await throughDoor(runtime, {
    move: (draft) => (phase === 'act' ? wouldRun(draft, run, lock) : seen(draft, run, attempt, found)),
    concerns: incident,
  })
}

function notHere(what: string): never {
  throw new Error(`a replay has no ${what}`)
}
