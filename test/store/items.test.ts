// What is kept beside the board, for how long, and how it is read.
import type { Alarm } from '../../lambda/core/incident/alarm.ts'
import type { Incident } from '../../lambda/core/incident/incident.ts'
import type { Run } from '../../lambda/core/incident/run.ts'
import type { Entry } from '../../lambda/core/incident/timeline.ts'
import { emptyBoard, type Board } from '../../lambda/core/incident/board.ts'
import { load, readBoard, readIncident } from '../../lambda/store/board.ts'
import { commit } from '../../lambda/store/commit.ts'
import { readTimeline } from '../../lambda/store/story.ts'
import { changesSince, readAlarms, readRecords, unlanded, writeRecords } from '../../lambda/store/records.ts'
import type { Flight } from '../../lambda/store/flight.ts'
import { memoryTable, type MemoryTable } from '../../replay/memory.ts'
import { alarm, ANA, play, rulesFor, T0 } from '../core/incidents.ts'
import { processOn } from './processes.ts'

const DAY = 86_400
const rules = rulesFor({ api: {} })
const { only, alarms } = play(rules, [alarm('api', 0)])
const [API] = [...alarms.values()]
const entries = (n: number): Entry[] =>
  Array.from({ length: n }, (_, i) => ({ at: T0 + i, kind: 'cause', text: `${i}` }))
const nothing = { board: emptyBoard(), alarms: new Map<string, Alarm>(), left: [], rules }
const boardOf = (incident: Incident): Board => ({ ...emptyBoard(), incidents: { [incident.id]: incident } })
const itemCalled = (table: MemoryTable, sk: string) => [...table.items()].find((item) => item.sk === sk)

describe('an incident that has left', () => {
  test('is kept for 400 days, with its story', async () => {
    const table = memoryTable()
    const run = { id: 'INC-0001-1', status: 'rejected', steps: [] as Run['steps'] } as Run
    await commit(table, await load(table, []), { ...nothing, left: [{ ...only, runs: [run] }] }, T0)
    const { timeline, ...rest } = only
    const left = await readIncident(table, only.id)
    expect(left).toEqual({ ...rest, filed: timeline.length, timeline: [], runs: [run] })
    expect(await readTimeline(table, left!)).toEqual(timeline)
    expect(await readIncident(table, 'INC-0009')).toBeUndefined()
    for (const sk of ['INCIDENT', 'RUN#001', 'STORY#000001'])
      expect(itemCalled(table, sk)).toMatchObject({ rev: 1, expires: T0 / 1000 + 400 * DAY })
  })

  test('is read whole even if whoever let it go died before its items were written', async () => {
    const table = memoryTable()
    await commit(table, await load(table, []), { ...nothing, board: boardOf(only) }, T0)
    const loaded = await load(table, [], { choose: (places) => places.values() })
    const mortal = { ...table, advance: () => Promise.reject(new Error('died')) }
    const left = [{ ...loaded.board.incidents[only.id]!, status: 'resolved' as const }]
    await expect(commit(mortal, loaded, { ...nothing, left }, T0 + 1)).rejects.toThrow('died')
    expect(await readIncident(table, only.id)).toMatchObject({ status: 'resolved', filed: 1, change: only.change })
    // Whoever commits next, once nobody else can be at it, writes them.
    await commit(table, await load(table, []), nothing, T0 + 60_000)
    expect(JSON.parse(itemCalled(table, 'INCIDENT')!.body)).toMatchObject({ status: 'resolved', left: T0 + 1 })
  })
})

test('an incident that comes back is an open one, even if whoever brought it back died', async () => {
  const table = memoryTable()
  await commit(table, await load(table, []), { ...nothing, left: [only] }, T0)
  const mortal = { ...table, advance: () => Promise.reject(new Error('died')) }
  const back = { ...(await readIncident(table, only.id))!, status: 'open' as const }
  await expect(
    commit(mortal, await load({ ...table }, []), { ...nothing, board: boardOf(back) }, T0 + 1),
  ).rejects.toThrow('died')
  const { timeline, ...rest } = only
  expect((await readBoard({ ...table })).incidents[only.id]).toEqual({ ...rest, status: 'open', filed: 0, timeline })
  expect(itemCalled(table, 'INCIDENT')).toHaveProperty('expires')
  const loaded = await load({ ...table }, [])
  await commit(table, loaded, { ...nothing, board: loaded.board }, T0 + 60_000)
  expect(itemCalled(table, 'INCIDENT')).not.toHaveProperty('expires')
})

describe('an open incident', () => {
  test('lies in items of its own, which do not expire while it is open; of what did not change none is written again', async () => {
    const table = memoryTable()
    await commit(table, await load(table, []), { ...nothing, board: boardOf(only) }, T0)
    expect(itemCalled(table, 'INCIDENT')).not.toHaveProperty('expires')
    const { board, ...loaded } = await load(table, [], { choose: (places) => places.values() })
    expect(board.incidents[only.id]).toEqual({ ...only, filed: 1, timeline: [] })
    const noted = { ...board.incidents[only.id]!, change: 2, timeline: entries(1) }
    table.writes = 0
    await commit(table, { ...loaded, board }, { ...nothing, board: boardOf(noted) }, T0)
    // The index and the entry.
    expect(table.writes).toBe(2)
    expect((await readBoard(table)).incidents[only.id]!.timeline).toEqual([...only.timeline, ...entries(1)])
  })

  test('that only counts is written ten seconds later, or with the next change of another kind; the list knows meanwhile', async () => {
    const table = memoryTable()
    await commit(table, await load(table, []), { ...nothing, board: boardOf(only) }, T0)
    const stored = (): Incident => JSON.parse(itemCalled(table, 'INCIDENT')!.body) as Incident
    const counted = async (firing: number, seconds: number, more: Partial<Incident> = {}): Promise<void> => {
      const loaded = await load(table, [], { choose: (places) => places.values() })
      const next = { ...loaded.board.incidents[only.id]!, firing, ...more }
      await commit(table, loaded, { ...nothing, board: boardOf(next) }, T0 + seconds * 1000)
      for (const process of [table, { ...table }])
        expect((await readBoard(process)).incidents[only.id]).toMatchObject({ firing })
    }
    await counted(2, 1)
    await counted(3, 9)
    expect(stored().firing).toBe(1)
    await counted(4, 11)
    expect(stored().firing).toBe(4)
    await counted(5, 12)
    expect(stored().firing).toBe(4)
    await counted(6, 13, { severity: 'critical' })
    expect(stored()).toMatchObject({ firing: 6, severity: 'critical' })
    // Nobody counts any more: whoever comes next writes it.
    await counted(7, 14)
    for (const seconds of [30, 31]) {
      const loaded = await load({ ...table }, [])
      await commit(table, loaded, { ...nothing, board: loaded.board }, T0 + seconds * 1000)
      expect(stored().firing).toBe(7)
    }
    expect(itemCalled(table, 'INDEX')!.body).not.toContain('"flight"')
  })

  test('loses a field or a service that it has no more, also before that has landed', async () => {
    const table = memoryTable()
    const two = { ...only, services: { ...only.services, web: {} }, snoozed: { by: ANA, at: 1, until: 2 } }
    await commit(table, await load(table, []), { ...nothing, board: boardOf(two) }, T0)
    const mortal = { ...table, advance: () => Promise.reject(new Error('died')) }
    const { snoozed: _, ...one } = (await load(table, [], { choose: (places) => places.values() })).board.incidents[
      only.id
    ]!
    const less = { ...one, services: only.services }
    const loaded = await load(table, [], { choose: (places) => places.values() })
    await expect(commit(mortal, loaded, { ...nothing, board: boardOf(less) }, T0)).rejects.toThrow('died')
    const found = (await readBoard(table)).incidents[only.id]!
    expect([found.snoozed, Object.keys(found.services)]).toEqual([undefined, ['api']])
  })

  test('with much on the way is landed before anything is added', async () => {
    const table = memoryTable()
    const mortal = { ...table, advance: () => Promise.reject(new Error('died')) }
    const long = { ...only, timeline: entries(800) }
    await expect(commit(mortal, await load(table, []), { ...nothing, board: boardOf(long) }, T0)).rejects.toThrow(
      'died',
    )
    expect(itemCalled(table, 'INDEX')!.body.length).toBeGreaterThan(32_768)
    const loaded = await load(table, [], { choose: (places) => places.values() })
    expect(await commit(table, loaded, { ...nothing, board: loaded.board }, T0 + 1)).toBe(true)
    expect(itemCalled(table, 'INDEX')!.body.length).toBeLessThan(1000)
    expect((await readBoard(table)).incidents[only.id]!.timeline).toEqual(long.timeline)
  })
})

describe("an alarm's record", () => {
  test('is kept for 30 days, and never as half of one', async () => {
    const table = memoryTable()
    await writeRecords(table, [{ ...API!, partial: true }], 3, T0)
    expect(itemCalled(table, 'ALARM')).toMatchObject({ rev: 3, expires: T0 / 1000 + 30 * DAY })
    expect((await readAlarms(table, [API!.key])).get(API!.key)).toEqual(API)
  })

  test('is read a hundred at a time, each once', async () => {
    const table = memoryTable()
    const many = Array.from({ length: 200 }, (_, n): Alarm => ({ ...API!, key: `k${n}` }))
    await writeRecords(table, many, 1, T0)
    const asked: number[] = []
    const counted = {
      ...table,
      getMany: (keys: { pk: string; sk: string }[]) => (asked.push(keys.length), table.getMany(keys)),
    }
    const records = await readRecords(counted, [...many.map(({ key }) => key), 'k0', 'k1'])
    expect([records.size, asked]).toEqual([200, [100, 100]])
  })
})

describe('what has not landed', () => {
  const before: Alarm = { ...API!, changes: [[T0, 'ALARM']] }
  const change = (rev: number, at: number, incident = only.id) => ({
    rev,
    at,
    changes: [[API!.key, at, 'OK', incident] as [string, number, 'OK', string]],
  })

  test('is what its record does not hold', () => {
    const records = new Map([[API!.key, { alarm: before, rev: 2 }]])
    expect(unlanded([change(2, T0 + 1)], records)).toEqual({ flying: [], alarms: new Map() })
    const { flying, alarms } = unlanded([change(2, T0 + 1), change(3, T0 + 2), change(4, T0 + 3, '')], records)
    expect(flying.map(({ rev }) => rev)).toEqual([3, 4])
    expect(alarms.get(API!.key)).toEqual({
      ...before,
      partial: true,
      changes: [
        [T0, 'ALARM'],
        [T0 + 2, 'OK'],
        [T0 + 3, 'OK'],
      ],
      incident: only.id,
    })
  })

  test('of an alarm without a record is a ghost, without an incident where it had none', () => {
    expect(unlanded([change(1, T0, '')], new Map()).alarms.get(API!.key)).toEqual({
      key: API!.key,
      name: '',
      service: '',
      signal: 'other',
      partial: true,
      changes: [[T0, 'OK']],
    })
  })

  test('is listed as what is new beside what was known', () => {
    const after: Alarm = {
      ...before,
      changes: [
        [T0, 'ALARM'],
        [T0, 'OK'],
        [T0 + 5, 'ALARM'],
      ],
    }
    expect(changesSince(after, before)).toEqual([
      [API!.key, T0, 'OK', only.id],
      [API!.key, T0 + 5, 'ALARM', only.id],
    ])
    const { incident: _, ...free } = before
    expect(changesSince(free, undefined)).toEqual([[API!.key, T0, 'ALARM', '']])
  })
})

describe('the board', () => {
  test('lists nothing while nothing is on its way', async () => {
    const table = memoryTable()
    await commit(table, await load(table, []), nothing, T0)
    expect(JSON.parse(itemCalled(table, 'INDEX')!.body)).not.toHaveProperty('flight')
  })

  test('lists each change that may not have landed, and forgets it once it has', async () => {
    const table = memoryTable()
    await commit(table, await load(table, []), { ...nothing, alarms }, T0)
    const flight = (): unknown => (JSON.parse(itemCalled(table, 'INDEX')!.body) as { flight?: unknown }).flight
    expect(flight()).toEqual([{ rev: 1, at: T0, changes: [[API!.key, T0, 'ALARM', only.id]] }])
    await commit(table, await load(table, []), nothing, T0)
    expect(flight()).toBeUndefined()
  })

  test('lists what only counts for ten seconds at most, whoever landed it', async () => {
    const table = memoryTable()
    const by = rulesFor({ api: {}, web: {}, mail: {} })
    const process = processOn(table, by)
    const listed = (): string[] =>
      (JSON.parse(itemCalled(table, 'INDEX')!.body) as { flight?: Flight[] }).flight?.flatMap(({ parts = [] }) =>
        parts.map(({ of }) => of),
      ) ?? []
    await process.take(T0, alarm('api', 0))
    await process.take(T0 + 1000, alarm('api', 0, { name: 'api/other' }))
    expect(listed()).toContain('INC-0001')
    await process.take(T0 + 12_000, alarm('web', 0))
    await process.take(T0 + 13_000, alarm('mail', 0))
    expect(listed()).not.toContain('INC-0001')
    const [api] = Object.values((await readBoard({ ...table })).incidents)
    expect(api).toMatchObject({ id: 'INC-0001', firing: 2 })
  })

  test('an alarm that was asked for and has not landed is written again; others are left to those who ask for them', async () => {
    const table = memoryTable()
    const web: Alarm = { ...API!, key: 'web', name: 'web' }
    await writeRecords(table, [API!, web], 1, T0)
    const newer = (one: Alarm): Alarm => ({ ...one, changes: [...one.changes, [T0 + 9, 'OK']] })
    const mortal = { ...table, advance: () => Promise.reject(new Error('died')) }
    const both = new Map([API!, web].map((one) => [one.key, newer(one)]))
    const loaded = await load(table, [API!.key, 'web'])
    await expect(commit(mortal, { ...loaded, rev: 0 }, { ...nothing, alarms: both }, T0)).rejects.toThrow('died')
    // Its revision is newer than that of the records.
    const item = itemCalled(table, 'INDEX')!
    await table.replace({ ...item, rev: 5, body: item.body.replace('"rev":1', '"rev":5') }, 1)
    const again = await load(table, [API!.key])
    expect(again.unlanded.map(({ key }) => key)).toEqual([API!.key])
    await commit(table, again, nothing, T0 + 10)
    const records = await readRecords(table, [API!.key, 'web'])
    expect(records.get(API!.key)!.alarm.changes.at(-1)).toEqual([T0 + 9, 'OK'])
    expect(records.get('web')!.alarm.changes).toEqual(web.changes)
  })
})
