// What cannot be read is set aside and told, and what can be read goes on.
import { absorb } from '../../lambda/core/correlate/merge.ts'
import { draftOf, type Draft } from '../../lambda/core/incident/draft.ts'
import type { Incident } from '../../lambda/core/incident/incident.ts'
import type { Run } from '../../lambda/core/incident/run.ts'
import { whyBarred } from '../../lambda/core/remediate/bounds.ts'
import { acted, finish } from '../../lambda/core/remediate/progress.ts'
import { remember } from '../../lambda/core/remediate/runs.ts'
import { act } from '../../lambda/core/respond/act.ts'
import { load, readBoard, readIncident } from '../../lambda/store/board.ts'
import { commit } from '../../lambda/store/commit.ts'
import { throughDoor, type DoorSlice } from '../../lambda/store/door.ts'
import { NewerShape } from '../../lambda/store/pack.ts'
import { memoryTable, type MemoryTable } from '../../replay/memory.ts'
import { fresh, processOn, runtimeOf, spoil, type Logged } from './processes.ts'
import { alarm, ANA, clicked, minutes, play, recovery, rulesFor, T0 } from '../core/incidents.ts'

const rules = rulesFor(
  { api: { target: { ecs: { cluster: 'shop', service: 'api' } } }, mail: {}, old: {} },
  { runbooks: [{ runbook: 'rolling-restart', when: { service: 'api' }, mode: 'suggest', with: {} }] },
)

function door(table: MemoryTable, now = T0 + minutes(5)): { runtime: DoorSlice; logged: Logged[] } {
  const logged: Logged[] = []
  return { runtime: runtimeOf(table, rules, now, logged), logged }
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
    const newest = Math.max(...Object.values(before.incidents).map(({ change }) => change))
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
      expect(change).toBeGreaterThan(newest)
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

describe('a thing that is JSON, but not what it should be', () => {
  test.each([
    ['a head', 'INCIDENT#INC-0001', 'INCIDENT', 'null'],
    ['a head', 'INCIDENT#INC-0001', 'INCIDENT', '{"id":"INC-0001"}'],
    ['a run', 'INCIDENT#INC-0001', 'RUN#001', '5'],
    ['an entry', 'INCIDENT#INC-0001', 'STORY#000001', '[]'],
    ["an alarm's record", `ALARM#${alarm('api', 0).key}`, 'ALARM', 'null'],
  ])('stops nothing: %s of %s, %s: %s', async (_, pk, sk, body) => {
    const table = await stored()
    await spoil(table, pk, sk, body)
    await processOn(fresh(table), rules).take(T0 + minutes(5), alarm('api', 5))
    expect((await readBoard(fresh(table))).incidents['INC-0001']!.services).toHaveProperty('api')
  })

  test('is no incident that somebody can click on', async () => {
    const table = await stored()
    await spoil(table, 'INCIDENT#INC-0007', 'INCIDENT')
    expect(await readIncident(fresh(table), 'INC-0007')).toBeUndefined()
  })
})

describe('what is under way', () => {
  const LOCK = 'ecs/shop/api'
  /** The run of this incident has begun. */
  const begun = (of: string) => (draft: Draft) => {
    const incident = draft.edit(of)
    const [run] = incident.runs!
    incident.runs = [
      { ...run!, status: 'running', startedAt: draft.now, lock: LOCK, owner: 1, deadline: T0 + minutes(600) },
    ]
    remember(draft, { run: run!.id, runbook: run!.runbook, lock: LOCK, mode: 'suggest', startedAt: draft.now })
  }
  const barred = async (table: MemoryTable): Promise<string | undefined> => {
    const { board } = await load(fresh(table), [])
    const { stopped: _, ...remediation } = board.remediation!
    const draft = draftOf({ ...board, remediation }, rules, T0 + minutes(100_000))
    return whyBarred(draft, { id: 'INC-0099-1' } as Run, LOCK)
  }

  test('holds its target no longer once its record cannot be read', async () => {
    const table = await stored()
    const process = processOn(table, rules)
    await process.visit(T0 + minutes(1), { move: begun('INC-0001') })
    await process.visit(T0 + minutes(2), { move: (draft) => void draft.edit('INC-0002') })
    expect(await barred(table)).toContain('INC-0001-1')
    await spoil(table, 'INCIDENT#INC-0001', 'RUN#001')
    await processOn(fresh(table), rules).visit(T0 + minutes(3), { about: () => ['INC-0001'] })
    expect(await barred(table)).toBeUndefined()
  })

  test('and ended after a merge, holds it no longer either once the index is rebuilt', async () => {
    const table = await stored()
    const process = processOn(table, rules)
    await process.visit(T0 + minutes(1), { move: begun('INC-0001') })
    await process.visit(T0 + minutes(2), {
      move: (draft) => absorb(draft, { into: 'INC-0002', from: 'INC-0001', at: draft.now, why: 'of a test' }),
    })
    await process.visit(T0 + minutes(3), {
      move(draft) {
        acted(draft, 'INC-0001-1')
        finish(draft, 'INC-0001-1', { ok: true, text: 'fine' })
      },
    })
    await process.visit(T0 + minutes(4), { move: (draft) => void draft.edit('INC-0002') })
    await spoil(table, 'INDEX', 'INDEX')
    await processOn(fresh(table), rules).visit(T0 + minutes(5))
    const { history } = (await load(fresh(table), [])).board.remediation!
    expect(history).toMatchObject([{ run: 'INC-0001-1', ok: true }])
    expect(await barred(table)).toBeUndefined()
  })
})

describe('an index that is rebuilt counts an alarm where it belongs now', () => {
  const tied = rulesFor({ a: {}, b: {}, c: { dependsOn: ['a', 'b'] } })
  const seenOn = async (table: MemoryTable): Promise<unknown[]> =>
    Object.values((await readBoard(fresh(table))).incidents).map(({ id, status, firing, services }) => [
      id,
      status,
      firing,
      Object.keys(services).join(),
    ])

  test('after a merge', async () => {
    const table = memoryTable()
    const process = processOn(table, tied)
    for (const [place, service] of ['a', 'b', 'c'].entries()) await process.take(T0 + place, alarm(service, 0))
    await process.visit(T0 + 10, { move: (draft) => void draft.edit('INC-0001') })
    const before = await seenOn(table)
    expect(before[0]).toEqual(['INC-0001', 'open', 3, 'a,b,c'])
    await spoil(table, 'INDEX', 'INDEX')
    const other = processOn(fresh(table), tied)
    await other.visit(T0 + minutes(1))
    expect(await seenOn(table)).toEqual(before)
    await other.take(T0 + minutes(2), recovery('a', 2), recovery('c', 2))
    await other.visit(T0 + minutes(60))
    expect((await seenOn(table))[0]).toEqual(['INC-0001', 'open', 1, 'a,b,c'])
  })

  test('after a person took a service out', async () => {
    const table = memoryTable()
    const process = processOn(table, tied)
    await process.take(T0, alarm('a', 0), alarm('c', 0))
    const click = { do: 'unrelated', incident: 'INC-0001', choice: 'c' } as const
    await process.visit(T0 + 1, {
      move: (draft) => act(draft, click, { who: ANA }),
      about: () => ['INC-0001'],
    })
    await process.visit(T0 + 2, { move: (draft) => void draft.edit('INC-0001') })
    const before = await seenOn(table)
    await spoil(table, 'INDEX', 'INDEX')
    await processOn(fresh(table), tied).visit(T0 + minutes(1))
    expect(await seenOn(table)).toEqual(before)
  })
})

test('an index that is gone is made again from what is there, and nothing new is taken for landed', async () => {
  const full = await stored()
  const table = memoryTable()
  for (const item of full.items()) if (item.pk !== 'INDEX') await table.advance(item)
  await processOn(table, rules).take(T0 + minutes(5), alarm('old', 5))
  const { incidents } = await readBoard(fresh(table))
  expect(Object.values(incidents).map(({ id, services }) => [id, ...Object.keys(services)])).toEqual([
    ['INC-0001', 'api'],
    ['INC-0002', 'mail'],
    ['INC-0008', 'old'],
  ])
  expect((await table.get({ pk: 'INCIDENT#INC-0008', sk: 'INCIDENT' }))!.body).toContain('"old"')
})
