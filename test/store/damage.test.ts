// What cannot be read is set aside and told, and what can be read goes on.
import type { Incident } from '../../lambda/core/incident/incident.ts'
import { load, readBoard } from '../../lambda/store/board.ts'
import { commit } from '../../lambda/store/commit.ts'
import { throughDoor, type DoorSlice } from '../../lambda/store/door.ts'
import { NewerShape } from '../../lambda/store/pack.ts'
import { memoryTable, type MemoryTable } from '../../replay/memory.ts'
import { alarm, ANA, clicked, minutes, play, recovery, rulesFor, T0 } from '../core/incidents.ts'

const rules = rulesFor(
  { api: { target: { ecs: { cluster: 'shop', service: 'api' } } }, mail: {}, old: {} },
  { runbooks: [{ runbook: 'rolling-restart', when: { service: 'api' }, mode: 'suggest', with: {} }] },
)

interface Logged {
  message: string
  facts: Record<string, unknown> | undefined
  counts: Record<string, number> | undefined
}

function door(table: MemoryTable, now = T0 + minutes(5)): { runtime: DoorSlice; logged: Logged[] } {
  const logged: Logged[] = []
  const nothing = async (): Promise<void> => undefined
  const runtime: DoorSlice = {
    table,
    rules,
    clock: { now: () => now, sleep: nothing, sleepUpTo: nothing },
    notices: { changed: nothing },
    timers: { wake: nothing },
    runs: { start: nothing },
    log: (_level, message, facts, counts) => void logged.push({ message, facts, counts }),
  }
  return { runtime, logged }
}

/** Two open incidents, one of them acknowledged, and one that has ended. Each process has a table of its own: it remembers what it wrote. */
async function stored(): Promise<MemoryTable> {
  const table = memoryTable()
  const night = [
    alarm('api', 0),
    alarm('api', 1, { metric: 'errors' }),
    alarm('mail', 40),
    recovery('mail', 41),
    alarm('mail', 42),
  ]
  const { board, alarms } = play(rules, night)
  const acknowledged = clicked(board, rules, { do: 'acknowledge', incident: 'INC-0001', who: ANA }).board!
  const ended: Incident = { ...board.incidents['INC-0001']!, id: 'INC-0007', status: 'resolved', resolved: { at: T0 } }
  const draft = { board: acknowledged, alarms, left: [ended], rules }
  await commit(table, await load(table, []), { ...draft, board: { ...acknowledged, nextId: 8 } }, T0)
  // Nothing is on its way any more.
  const loaded = await load(table, [])
  await commit(table, loaded, { board: loaded.board, alarms: new Map(), left: [], rules }, T0)
  return fresh(table)
}

const fresh = (table: MemoryTable): MemoryTable => ({ ...table })

async function spoil(table: MemoryTable, pk: string, sk: string): Promise<void> {
  const item = (await table.get({ pk, sk }))!
  await table.replace({ ...item, body: `${item.body.slice(0, 40)}…` }, item.rev)
}

const EXPLAINED = expect.stringContaining('could not be read. It was put together again') as string

test('an incident whose head cannot be read keeps its alarms and its story, and somebody is called', async () => {
  const table = await stored()
  const before = (await readBoard(table)).incidents['INC-0001']!
  await spoil(table, 'INCIDENT#INC-0001', 'INCIDENT')
  const { runtime, logged } = door(fresh(table))
  await throughDoor(runtime, { move: () => undefined, about: () => ['INC-0001'] })

  const after = (await readBoard(fresh(table))).incidents['INC-0001']!
  expect(after).toMatchObject({ services: before.services, firing: 2, severity: before.severity, status: 'open' })
  expect(after.timeline.slice(0, before.timeline.length)).toEqual(before.timeline)
  expect(after.timeline.at(-1)).toMatchObject({ kind: 'restored', text: EXPLAINED })
  expect(after.runs).toEqual(before.runs)
  expect(logged).toEqual([
    {
      message: 'something stored cannot be read: it was set aside',
      facts: { items: ['INCIDENT#INC-0001 INCIDENT (revision 1)'] },
      counts: { SetAside: 1 },
    },
  ])
  const aside = (await table.list('ASIDE', ''))[0]!
  expect([aside.sk, aside.body.endsWith('…')]).toEqual(['INCIDENT#INC-0001 INCIDENT 1', true])
  // Once.
  const again = door(fresh(table))
  await throughDoor(again.runtime, { move: () => undefined, about: () => ['INC-0001'] })
  expect(again.logged).toEqual([])
})

test('a run that cannot be read is handed to a person', async () => {
  const table = await stored()
  await spoil(table, 'INCIDENT#INC-0001', 'RUN#001')
  await throughDoor(door(fresh(table)).runtime, { move: () => undefined, about: () => ['INC-0001'] })
  const { runs, timeline } = (await readBoard(fresh(table))).incidents['INC-0001']!
  expect(runs).toMatchObject([{ id: 'INC-0001-1', status: 'failed', why: 'its record cannot be read' }])
  expect(timeline.at(-1)).toMatchObject({ kind: 'restored', text: EXPLAINED })
})

test('an entry that cannot be read leaves the rest of the story', async () => {
  const table = await stored()
  const { timeline } = (await readBoard(table)).incidents['INC-0001']!
  await spoil(table, 'INCIDENT#INC-0001', 'STORY#000001')
  expect((await readBoard(fresh(table))).incidents['INC-0001']!.timeline).toEqual(timeline.slice(1))
})

test("an alarm's record that cannot be read is set aside when its alarm changes", async () => {
  const table = await stored()
  const { key } = alarm('api', 0)
  await spoil(table, `ALARM#${key}`, 'ALARM')
  const { runtime, logged } = door(fresh(table))
  await throughDoor(runtime, {
    keys: [key],
    move: (draft) => draft.note('INC-0001', { at: draft.now, kind: 'cause', text: 'anything' }),
  })
  expect(logged).toMatchObject([{ facts: { items: [`ALARM#${key} ALARM (revision 1)`] } }])
})

describe('an index that cannot be read', () => {
  test('is set aside and put together again from the incidents that have not ended; runbooks wait for a person', async () => {
    const table = await stored()
    const before = await readBoard(table)
    await spoil(table, 'INDEX', 'INDEX')
    const { runtime, logged } = door(fresh(table))
    await throughDoor(runtime, { move: () => undefined })

    const after = await readBoard(fresh(table))
    expect(Object.keys(after.incidents)).toEqual(['INC-0001', 'INC-0002'])
    for (const [id, { services, firing, status, acknowledged, runs }] of Object.entries(before.incidents))
      expect(after.incidents[id]).toMatchObject({
        services,
        firing,
        status,
        ...(acknowledged && { acknowledged }),
        ...(runs && { runs }),
      })
    for (const { timeline, change } of Object.values(after.incidents)) {
      expect(timeline.at(-1)).toMatchObject({ kind: 'restored', text: EXPLAINED })
      expect(change).toBeGreaterThan(1_000_000)
    }
    expect(after.nextId).toBe(8)
    expect(after.remediation!.stopped).toEqual({ by: { id: '', name: 'Tocsin' }, at: T0 + minutes(5) })
    expect(logged).toMatchObject([{ facts: { items: ['INDEX INDEX (revision 2)'] }, counts: { SetAside: 1 } }])
    expect((await table.list('ASIDE', 'INDEX'))[0]!.body).toContain('…')
  })

  test('from a newer Tocsin is left as it is', async () => {
    const table = await stored()
    const item = (await table.get({ pk: 'INDEX', sk: 'INDEX' }))!
    await table.replace({ ...item, body: item.body.replace('"version":2', '"version":3') }, item.rev)
    table.writes = 0
    const { runtime } = door(fresh(table))
    await expect(throughDoor(runtime, { move: () => undefined })).rejects.toThrow(NewerShape)
    await expect(throughDoor(runtime, { move: () => undefined })).rejects.toThrow(
      /a newer Tocsin wrote the table \(shape 3/,
    )
    expect((await table.get({ pk: 'INDEX', sk: 'INDEX' }))!.body).toContain('"version":3')
  })
})
