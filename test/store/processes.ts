// Processes on one table: each is a copy of it, with a memory of its own.
import type { Change } from '../../lambda/core/incident/alarm.ts'
import { correlate } from '../../lambda/core/correlate/correlate.ts'
import type { Rules } from '../../lambda/core/services/rules.ts'
import { throughDoor, type DoorSlice, type Visit } from '../../lambda/store/door.ts'
import type { MemoryTable } from '../../replay/memory.ts'

export const fresh = (table: MemoryTable): MemoryTable => ({ ...table })

/** Dies before anything but the index is written. */
export const dying = (table: MemoryTable): MemoryTable => ({
  ...table,
  advance: () => Promise.reject(new Error('died')),
})

export interface Logged {
  message: string
  facts: Record<string, unknown> | undefined
  counts: Record<string, number> | undefined
}

const nothing = async (): Promise<void> => undefined

export function runtimeOf(table: MemoryTable, rules: Rules, now: number, logged: Logged[] = []): DoorSlice {
  return {
    table,
    rules,
    clock: { now: () => now, sleep: nothing, sleepUpTo: nothing },
    notices: { changed: nothing },
    timers: { wake: nothing, tell: nothing },
    runs: { start: nothing },
    log: (_level, message, facts, counts) => void logged.push({ message, facts, counts }),
  }
}

export interface Process {
  logged: Logged[]
  visit(now: number, visit?: Partial<Visit<unknown>>): Promise<void>
  take(now: number, ...changes: Change[]): Promise<void>
}

export function processOn(table: MemoryTable, rules: Rules): Process {
  const logged: Logged[] = []
  const visit: Process['visit'] = async (now, wanted = {}) => {
    await throughDoor(runtimeOf(table, rules, now, logged), { move: () => undefined, ...wanted })
  }
  return {
    logged,
    visit,
    async take(now, ...changes) {
      const keys = changes.map(({ key }) => key)
      await visit(now, { keys, move: (draft, alarms) => void correlate(draft, alarms, changes) })
    },
  }
}

/** As a person or a script might. `body`: what it is then; cut off by default. */
export async function spoil(table: MemoryTable, pk: string, sk: string, body?: string): Promise<void> {
  const item = (await table.get({ pk, sk }))!
  await table.replace({ ...item, body: body ?? `${item.body.slice(0, 40)}…` }, item.rev)
}
