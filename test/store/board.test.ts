// The board and the alarms' records form a whole, although each is written separately: what did not land is known, and forgotten after a day.
import { emptyBoard } from '../../lambda/core/incident/board.ts'
import type { Alarm } from '../../lambda/core/incident/alarm.ts'
import { load } from '../../lambda/store/board.ts'
import { commit } from '../../lambda/store/commit.ts'
import { memoryTable, type MemoryTable } from '../../replay/memory.ts'
import { rulesFor } from '../core/incidents.ts'

const NOW = Date.parse('2026-03-01T02:00:00Z')
const DAY_MS = 86_400_000
const rules = rulesFor({ api: {} })

const alarmCalled = (key: string): Alarm => ({
  key,
  name: key,
  service: 'api',
  signal: 'disk',
  changes: [[NOW, 'ALARM']],
  incident: 'INC-0001',
})

/** A process that dies between the board and the record. */
async function dieBeforeTheRecord(table: MemoryTable, key: string): Promise<void> {
  const mortal = { ...table, advance: () => Promise.reject(new Error('died')) }
  const draft = { board: emptyBoard(), alarms: new Map([[key, alarmCalled(key)]]), left: [], rules }
  await expect(commit(mortal, await load(table, [key]), draft, NOW)).rejects.toThrow('died')
}

const nothing = { board: emptyBoard(), alarms: new Map<string, Alarm>(), left: [], rules }

describe('a change whose record did not land', () => {
  test('is known from the board, and lands with the next message about its alarm', async () => {
    const table = memoryTable()
    await dieBeforeTheRecord(table, 'a')
    const known = await load(table, ['a'])
    expect(known.alarms.get('a')).toMatchObject({ changes: [[NOW, 'ALARM']], incident: 'INC-0001', partial: true })
    expect(known.flight).toHaveLength(1)
    await commit(table, known, { ...nothing, alarms: new Map([['a', alarmCalled('a')]]) }, NOW + 1000)
    expect((await load(table, ['a'])).flight).toEqual([])
  })

  test.each([
    ['is kept for a day', DAY_MS - 1, 1],
    ['is forgotten after a day: its message has expired', DAY_MS, 0],
  ])('%s', async (_, after, kept) => {
    const table = memoryTable()
    await dieBeforeTheRecord(table, 'a')
    await commit(table, await load(table, []), nothing, NOW + after)
    expect((await load(table, [])).flight).toHaveLength(kept)
  })
})

test('of two that commit at once one is refused, and changes nothing', async () => {
  const table = memoryTable()
  const [first, second] = [await load(table, []), await load(table, [])]
  expect(await commit(table, first, { ...nothing, board: { ...emptyBoard(), nextId: 2 } }, NOW)).toBe(true)
  expect(await commit(table, second, { ...nothing, alarms: new Map([['a', alarmCalled('a')]]) }, NOW)).toBe(false)
  expect((await load(table, ['a'])).alarms.size).toBe(0)
  expect((await load(table, [])).board.nextId).toBe(2)
})
