// What is kept beside the board, for how long, and how it is read.
import type { Alarm } from '../../lambda/core/incident/alarm.ts'
import type { Entry } from '../../lambda/core/incident/timeline.ts'
import { emptyBoard, type Board } from '../../lambda/core/incident/board.ts'
import { commit, load } from '../../lambda/store/board.ts'
import { readIncident, readTimeline } from '../../lambda/store/incidents.ts'
import { changesSince, readAlarms, readRecords, unlanded, writeRecords } from '../../lambda/store/records.ts'
import { memoryTable, type MemoryTable } from '../../replay/memory.ts'
import { alarm, play, rulesFor, T0 } from '../core/incidents.ts'

const DAY = 86_400
const rules = rulesFor({ api: {} })
const { only, alarms } = play(rules, [alarm('api', 0)])
const [API] = [...alarms.values()]
const entries = (n: number): Entry[] =>
  Array.from({ length: n }, (_, i) => ({ at: T0 + i, kind: 'cause', text: `${i}` }))
const nothing = { board: emptyBoard(), alarms: new Map<string, Alarm>(), left: [] }
const itemCalled = (table: MemoryTable, sk: string) => [...table.items()].find((item) => item.sk === sk)

describe('an incident that has left', () => {
  test('is kept for 400 days', async () => {
    const table = memoryTable()
    await commit(table, await load(table, []), { ...nothing, left: [only] }, T0)
    expect(await readIncident(table, only.id)).toEqual(only)
    expect(await readIncident(table, 'INC-0009')).toBeUndefined()
    expect(itemCalled(table, 'INCIDENT')).toMatchObject({ rev: only.change, expires: T0 / 1000 + 400 * DAY })
  })
})

describe('a long timeline', () => {
  const long = { ...only, timeline: entries(130) }
  const board: Board = { ...emptyBoard(), incidents: { [only.id]: long } }

  test('gives its oldest lines away, and is read as a whole', async () => {
    const table = memoryTable()
    await commit(table, await load(table, []), { ...nothing, board }, T0)
    const left = (await load(table, [])).board.incidents[only.id]!
    expect([left.filed, left.timeline.length]).toEqual([60, 70])
    expect(itemCalled(table, 'TIMELINE#000000')).toMatchObject({ expires: T0 / 1000 + 400 * DAY })
    expect(await readTimeline(table, left)).toEqual(long.timeline)
  })

  test('of lines whose filing was not committed none is told twice', async () => {
    const table = memoryTable()
    const refused = { ...table, replace: async () => false }
    expect(await commit(refused, await load(table, []), { ...nothing, board }, T0)).toBe(false)
    const reads = table.reads
    expect(await readTimeline(table, long)).toEqual(long.timeline)
    expect(table.reads).toBe(reads)
    expect(await readTimeline(table, { ...long, filed: 2, timeline: [] })).toEqual(entries(2))
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
    expect(JSON.parse(itemCalled(table, 'BOARD')!.body)).not.toHaveProperty('flight')
  })

  test('lists each change that may not have landed, and forgets it once it has', async () => {
    const table = memoryTable()
    await commit(table, await load(table, []), { ...nothing, alarms }, T0)
    const flight = (): unknown => (JSON.parse(itemCalled(table, 'BOARD')!.body) as { flight?: unknown }).flight
    expect(flight()).toEqual([{ rev: 1, at: T0, changes: [[API!.key, T0, 'ALARM', only.id]] }])
    await commit(table, await load(table, []), nothing, T0)
    expect(flight()).toBeUndefined()
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
    const item = itemCalled(table, 'BOARD')!
    await table.replace({ ...item, rev: 5, body: item.body.replace('"rev":1', '"rev":5') }, 1)
    const again = await load(table, [API!.key])
    expect(again.unlanded.map(({ key }) => key)).toEqual([API!.key])
    await commit(table, again, nothing, T0 + 10)
    const records = await readRecords(table, [API!.key, 'web'])
    expect(records.get(API!.key)!.alarm.changes.at(-1)).toEqual([T0 + 9, 'OK'])
    expect(records.get('web')!.alarm.changes).toEqual(web.changes)
  })
})
