// An account in which Tocsin is deployed, on a virtual clock: queues, pollers and durable executions as AWS runs and counts them, around the real stages.
import type { Config } from '../../lambda/core/services/config.ts'
import { SQS_AT_ONCE } from '../../lambda/core/facts/queues.ts'
import type { Person } from '../../lambda/core/incident/person.ts'
import type { Ask } from '../../lambda/core/respond/act.ts'
import { escalate, type Due } from '../../lambda/stages/escalate.ts'
import { summaryOf } from '../../lambda/stages/intake.ts'
import { takeIn } from '../../lambda/stages/window.ts'
import { notify } from '../../lambda/stages/notify.ts'
import type { Inbox, Incoming, Runtime } from '../../lambda/ports/runtime.ts'
import type { Table } from '../../lambda/ports/table.ts'
import type { Timers } from '../../lambda/ports/runs.ts'
import { watchdog } from '../../lambda/stages/watchdog.ts'
import { world, type World } from '../../replay/world.ts'
import type { VirtualClock } from '../../replay/clock.ts'
import type { Deployed } from './deployed.ts'
import { CPU_MS, meter, type Invocation, type Meter } from './meter.ts'
import { LATENCY_MS } from './metered.ts'

export interface Account {
  meter: Meter
  world: World
  table: Table
  /** A message arrives in the intake queue. */
  send(body: string): void
  click(ask: Ask, who: Person): Promise<void>
  /** One run of the watchdog; `sendRung` is called once it has set off its alarm. */
  watch(sendRung: () => void): Promise<void>
}

/** Between two batches Lambda's poller deletes one and asks for the next. */
const POLL_MS = 20
const CHECKPOINT_MS = 10
/** The same as in `lambda/entry/escalate.ts`: it starts, reads the clock, waits, looks again. */
export const OPERATIONS = ['start', 'how long', 'until it is due', 'look again']
export function account(config: Config, start: number, deployed: Deployed, more: Partial<Runtime> = {}): Account {
  const bill = meter(deployed.memoryMb)
  let current: Runtime | undefined
  const played = world(config, start, () => {
    const mine = current
    if (!mine) throw new Error('a stage ran again after a failure: that is no part of this count')
    current = undefined
    return mine
  })
  const { clock } = played
  const outside: Runtime = {
    ...played.runtime,
    ...more,
    notices: { changed: async (place) => notices.send(place) },
    timers: durableTimers(played, bill, () => outside),
  }

  const intake = queue<Incoming>(clock, deployed.intake, async (messages) => {
    bill.count('standard', 2 * Math.ceil(messages.length / SQS_AT_ONCE))
    await bill.invoke('intake', outside, async ({ runtime, think }) => {
      think(CPU_MS.message * messages.length)
      // As `lambda/entry/intake.ts` does.
      const { results, failed } = await takeIn({ ...runtime, inbox: inboxOf(runtime, think) }, messages)
      if (failed.length > 0) throw new Error('an intake failed: that is no part of this count')
      runtime.log('info', 'taken in', summaryOf(results))
    })
  })
  const inboxOf = ({ clock: { sleep } }: Runtime, think: Invocation['think']): Inbox => {
    const request = async (): Promise<void> => {
      bill.count('standard')
      think(CPU_MS.call)
      await sleep(LATENCY_MS.queue)
    }
    return {
      put: () => Promise.reject(new Error('no alarm calls the function itself here')),
      async receive(most) {
        await request()
        const received = intake.receive(Math.min(most, SQS_AT_ONCE))
        think(CPU_MS.message * received.length)
        return received.map((message) => ({ ...message, receipt: message.id }))
      },
      async remove(received) {
        for (let n = 0; n < received.length; n += SQS_AT_ONCE) await request()
      },
    }
  }
  const notices = queue<string>(clock, { ...deployed.notify, windowSeconds: 0, atOnce: 1 }, async ([place]) => {
    bill.count('fifo', 2)
    await bill.invoke('notify', outside, ({ runtime }) =>
      notify(runtime, place, clock.now() + deployed.notify.timeoutSeconds * 1000),
    )
  })

  let sent = 0
  return {
    meter: bill,
    world: played,
    table: outside.table,
    send(body) {
      // The requests that EventBridge or SNS make to the queue are billed; EventBridge and SNS themselves are not.
      bill.count('standard')
      intake.send({ id: `00000000-0000-4000-8000-${String(sent++).padStart(12, '0')}`, body })
    },
    async click(action, who) {
      const status = await bill.invoke('respond', outside, ({ runtime }) => {
        current = runtime
        return played.click(action, who)
      })
      if (status !== 200) throw new Error(`a click was answered with ${status}`)
    },
    watch: (sendRung) =>
      bill.invoke('watchdog', outside, ({ runtime }) => {
        const ring = async (): Promise<void> => {
          bill.count('cloudwatchCall')
          sendRung()
        }
        return watchdog({ ...runtime, bell: { ring } })
      }),
  }
}

/** Each name once, in two invocations: one until it waits, one when it falls due. */
function durableTimers({ clock }: World, bill: Meter, outside: () => Runtime): Timers {
  const started = new Set<string>()
  const execute = async (due: Due, at: number): Promise<void> => {
    bill.count('operation', OPERATIONS.length)
    bill.count('durableGb', Buffer.byteLength(JSON.stringify({ ...due, at, OPERATIONS })) / 1e9)
    await bill.invoke('escalate', outside(), () => clock.sleep(2 * CHECKPOINT_MS))
    clock.at(at, () =>
      bill.invoke('escalate', outside(), async ({ runtime }) => {
        await escalate(runtime, due)
        await clock.sleep(CHECKPOINT_MS)
      }),
    )
  }
  const once = async (name: string, due: Due, at: number): Promise<void> => {
    if (started.has(name)) return
    started.add(name)
    clock.at(clock.now(), () => execute(due, at))
  }
  return {
    wake: (incident, at) => once(`${incident}-${at}`, { incident }, at),
    tell: (place, at) => once(`${place}-${at}`, { place }, at),
  }
}

interface Source {
  batch: number
  windowSeconds: number
  atOnce: number
}

/** Hands over what is waiting as soon as a reader is free: a full batch or, once the window since its first message is over, what there is. */
function queue<T>(
  clock: VirtualClock,
  { batch, windowSeconds, atOnce }: Source,
  take: (messages: T[]) => Promise<void>,
) {
  const waiting: { at: number; message: T }[] = []
  let running = 0
  const run = async (messages: T[]): Promise<void> => {
    await take(messages)
    await clock.sleep(POLL_MS)
    running--
    handOver()
  }
  const handOver = (): void => {
    while (running < atOnce && waiting.length > 0) {
      const due = waiting[0]!.at + windowSeconds * 1000
      if (waiting.length < batch && due > clock.now()) return clock.at(due, handOver)
      running++
      const messages = waiting.splice(0, batch).map(({ message }) => message)
      clock.at(clock.now(), () => run(messages))
    }
  }
  return {
    send(message: T): void {
      waiting.push({ at: clock.now(), message })
      handOver()
    },
    receive: (most: number): T[] => waiting.splice(0, most).map(({ message }) => message),
  }
}
