// The one door: what is written, what follows, and when it is said that something changed.
import type { Draft } from '../../lambda/core/incident/draft.ts'
import type { Incident } from '../../lambda/core/incident/incident.ts'
import { stampOf } from '../../lambda/core/incident/run.ts'
import type { RunOrder } from '../../lambda/ports/runs.ts'
import { load, readBoard } from '../../lambda/store/board.ts'
import { commit } from '../../lambda/store/commit.ts'
import { throughDoor, type DoorSlice, type Visit } from '../../lambda/store/door.ts'
import { memoryTable, type MemoryTable } from '../../replay/memory.ts'
import { alarm, minutes, play, recovery, rulesFor, T0 } from '../core/incidents.ts'

const rules = rulesFor(
  { api: { target: { ecs: { cluster: 'shop', service: 'api' } } } },
  { escalation: [{ afterSeconds: 300, notify: ['U0FIRST'] }] },
)

interface Seen {
  runtime: DoorSlice
  started: RunOrder[]
  woken: [string, number][]
  slept: number[]
  /** Where it was said that something changed. */
  places: string[]
  logged: unknown[]
}

function doorOf(table: MemoryTable, { now = T0, by = rules } = {}): Seen {
  const seen: Seen = {
    started: [],
    woken: [],
    slept: [],
    places: [],
    logged: [],
    runtime: {
      table,
      rules: by,
      clock: { now: () => now, sleep: async () => undefined, sleepUpTo: async (ms) => void seen.slept.push(ms) },
      notices: { changed: async (place) => void seen.places.push(place) },
      timers: {
        wake: async (id, at) => void seen.woken.push([id, at]),
        tell: async (place, at) => void seen.woken.push([place, at]),
      },
      runs: { start: async (_runbook, order) => void seen.started.push(order) },
      log: (_level, message, facts) => void seen.logged.push([message, facts]),
    },
  }
  return seen
}

/** A table that holds the board after these changes. */
async function tableWith(changes = [alarm('api', 0)], by = rules, edit = (incident: Incident): Incident => incident) {
  const table = memoryTable()
  const { board, alarms, only } = play(by, changes)
  const incidents = { [only.id]: edit(only) }
  await commit(table, await load(table, []), { board: { ...board, incidents }, alarms, left: [], rules: by }, T0)
  table.writes = 0
  return table
}

const NOTHING: Visit<void> = { move: () => undefined }
const touch = (draft: Draft): void => draft.note('INC-0001', { at: T0, kind: 'cause', text: 'touched' })

test('a visit that changes nothing writes nothing, follows nothing and says nothing', async () => {
  const table = await tableWith()
  const { runtime, ...seen } = doorOf(table)
  await throughDoor(runtime, NOTHING)
  expect([table.writes, seen]).toEqual([0, { started: [], woken: [], slept: [], places: [], logged: [] }])
})

describe('what was changed', () => {
  test('is written, followed and said', async () => {
    const table = await tableWith()
    const seen = doorOf(table)
    expect(await throughDoor(seen.runtime, { move: (draft) => (touch(draft), 'done') })).toBe('done')
    expect((await readBoard(table)).incidents['INC-0001']!.timeline.at(-1)!.text).toBe('touched')
    expect([seen.woken, seen.places.length]).toEqual([[['INC-0001', T0 + 300_000]], 1])
  })

  test('is said again by whoever finds it changed: whoever changed it may have died before saying so', async () => {
    const seen = doorOf(await tableWith())
    await throughDoor(seen.runtime, {
      concerns: 'INC-0001',
      move: () => undefined,
      about: () => ['INC-0009'],
    })
    expect([seen.woken, seen.places.length]).toEqual([[['INC-0001', T0 + 300_000]], 1])
  })

  test('is said once at each of its places', async () => {
    const table = await tableWith([alarm('api', 0)], rules, (incident) => ({ ...incident, places: ['#a', '#b'] }))
    const board = await readBoard(table)
    const other = { ...board.incidents['INC-0001']!, id: 'INC-0002', places: ['#b'] }
    const both = { ...board, incidents: { ...board.incidents, 'INC-0002': other } }
    await commit(table, await load(table, []), { board: both, alarms: new Map(), left: [], rules }, T0)
    const seen = doorOf(table)
    await throughDoor(seen.runtime, { move: () => undefined, about: () => ['INC-0001', 'INC-0002'] })
    expect(seen.places).toEqual(['#a', '#b'])
  })

  test('is said to nobody while it is held', async () => {
    const held = await tableWith([alarm('api', 0)], rules, (incident) => ({ ...incident, heldUntil: T0 + 60_000 }))
    const seen = doorOf(held)
    await throughDoor(seen.runtime, { move: () => undefined, about: () => ['INC-0001'] })
    expect(seen.places).toEqual([])
  })

  test('is said where the visit says so, whatever became of incidents', async () => {
    const seen = doorOf(memoryTable())
    await throughDoor(seen.runtime, { move: () => undefined, tells: () => true })
    await throughDoor(seen.runtime, { move: () => undefined, tells: () => false })
    expect(seen.places.length).toBe(1)
  })
})

describe('what follows', () => {
  const withRunbook = rulesFor(
    { api: { target: { ecs: { cluster: 'shop', service: 'api' } } } },
    { runbooks: [{ runbook: 'rolling-restart', when: { service: 'api' }, mode: 'suggest', with: {} }] },
  )
  const about = { move: () => undefined, about: () => ['INC-0001'] }
  const orders = async (status: 'looking' | 'approved' | 'proposed'): Promise<RunOrder[]> => {
    const table = await tableWith([alarm('api', 0)], withRunbook, (incident) => ({
      ...incident,
      runs: incident.runs!.map((run) => ({ ...run, status })),
    }))
    const seen = doorOf(table, { by: withRunbook })
    await throughDoor(seen.runtime, about)
    return seen.started
  }

  test('is the execution of a run that waits for one', async () => {
    const order = { incident: 'INC-0001', run: 'INC-0001-1', stamp: stampOf(T0), attempt: 1 }
    expect(await orders('looking')).toEqual([{ ...order, phase: 'look' }])
    expect(await orders('approved')).toEqual([{ ...order, phase: 'act' }])
    expect(await orders('proposed')).toEqual([])
  })

  test('is no timer where nothing falls due', async () => {
    const quiet = rulesFor({ api: {} })
    const seen = doorOf(await tableWith([alarm('api', 0)], quiet), { by: quiet })
    await throughDoor(seen.runtime, about)
    expect(seen.woken).toEqual([])
  })

  test('is done at once where it is overdue', async () => {
    const table = await tableWith([alarm('api', 0), recovery('api', 1)])
    const seen = doorOf(table, { now: T0 + minutes(30) })
    await throughDoor(seen.runtime, NOTHING)
    expect((await readBoard(table)).incidents['INC-0001']!.status).toBe('resolved')
    for (const [, at] of seen.woken) expect(at).toBeGreaterThan(T0 + minutes(30))
  })
})

test('a record that did not land lands with the next visit that asks for its alarm, though nothing else changed', async () => {
  const table = memoryTable()
  const { board, alarms } = play(rules, [alarm('api', 0)])
  const mortal = { ...table, advance: () => Promise.reject(new Error('died')) }
  await expect(commit(mortal, await load(table, []), { board, alarms, left: [], rules }, T0)).rejects.toThrow('died')
  const keys = [...alarms.keys()]
  const { runtime } = doorOf(table)
  await throughDoor(runtime, NOTHING)
  expect((await load(table, keys)).unlanded).toHaveLength(1)
  // A ghost has no name yet: its record waits for the message that tells the rest.
  await throughDoor(runtime, { keys, move: (draft) => void draft.alarms.set(keys[0]!, alarms.get(keys[0]!)!) })
  expect((await load(table, keys)).unlanded).toEqual([])
})

describe('somebody else was faster', () => {
  /** Refuses so many commits. */
  const contended = (table: MemoryTable, times: number): MemoryTable => {
    let left = times
    return { ...table, replace: async (item, expected) => left-- <= 0 && table.replace(item, expected) }
  }

  test('the move is made again, on what is true now', async () => {
    const table = await tableWith()
    const seen = doorOf(contended(table, 3))
    let moves = 0
    await throughDoor(seen.runtime, { move: (draft) => (moves++, touch(draft)) })
    // Each try finds out first which incident it needs.
    expect([moves, seen.slept]).toEqual([8, [5, 10, 20]])
    expect(
      (await readBoard(table)).incidents['INC-0001']!.timeline.filter(({ text }) => text === 'touched'),
    ).toHaveLength(1)
  })

  test('the waits do not grow for ever, and it gives up after forty tries', async () => {
    const seen = doorOf(contended(await tableWith(), Infinity))
    await expect(throughDoor(seen.runtime, { move: touch })).rejects.toThrow('the board changed 40 times')
    expect(seen.slept).toHaveLength(40)
    expect(Math.max(...seen.slept)).toBe(200)
    expect(seen.places.length).toBe(0)
  })
})

test('another config sets the timers of everything that is open anew, before it is committed', async () => {
  const table = await tableWith()
  const other = rulesFor({ api: {} }, { escalation: [{ afterSeconds: 60, notify: ['U0FIRST'] }] })
  const seen = doorOf(table, { by: other })
  let committed = false
  seen.runtime.timers.wake = async (id, at) => {
    seen.woken.push([id, at])
    committed ||= table.writes > 0
  }
  await throughDoor(seen.runtime, NOTHING)
  expect(seen.woken).toContainEqual(['INC-0001', T0 + 60_000])
  expect(committed).toBe(false)
  const again = doorOf(table, { by: other })
  await throughDoor(again.runtime, NOTHING)
  expect(again.woken).toEqual([])
})
