// Processes that die, overtake each other, or are older than this version.
import { stampOf } from '../../lambda/core/incident/run.ts'
import { whyHalt } from '../../lambda/core/remediate/progress.ts'
import { findRun } from '../../lambda/core/remediate/runs.ts'
import { actOnce } from '../../lambda/stages/respond.ts'
import { look, readBoard } from '../../lambda/store/board.ts'
import { flyingParts } from '../../lambda/store/flight.ts'
import { onTopOf, type Edit, type Piece } from '../../lambda/store/parts.ts'
import type { Item } from '../../lambda/ports/table.ts'
import { memoryTable, type MemoryTable } from '../../replay/memory.ts'
import { alarm, ANA, minutes, play, recovery, rulesFor, T0 } from '../core/incidents.ts'
import { dying, fresh, processOn, runtimeOf } from './processes.ts'

const rules = rulesFor({ mail: {}, old: {} })

test('a person reopens an incident and the process dies: it is open, and nothing of its end is left', async () => {
  const table = memoryTable()
  const process = processOn(table, rules)
  await process.take(T0, alarm('mail', 0))
  await process.take(T0 + minutes(1), recovery('mail', 1))
  await process.visit(T0 + minutes(20), { about: () => ['INC-0001'] })
  for (const at of [2400, 2401]) await process.visit(T0 + minutes(at))
  expect((await readBoard(fresh(table))).incidents).toEqual({})
  const later = T0 + minutes(3000)
  const people = { isIn: async () => false, isFullMember: async () => true }
  const reopen = { do: 'reopen', incident: 'INC-0001' } as const
  await expect(actOnce({ ...runtimeOf(dying(table), rules, later), people }, reopen, ANA)).rejects.toThrow('died')
  for (const at of [later + 1000, later + minutes(1)]) {
    await processOn(fresh(table), rules).visit(at)
    const { status, resolved, quietSince } = (await readBoard(fresh(table))).incidents['INC-0001']!
    expect([status, resolved, quietSince]).toEqual(['open', undefined, undefined])
  }
})

describe('a run in an incident that merges', () => {
  const tied = rulesFor(
    { a: {}, b: { target: { ecs: { cluster: 'shop', service: 'b' } } }, c: { dependsOn: ['a', 'b'] } },
    { runbooks: [{ runbook: 'rolling-restart', when: { service: 'b' }, mode: 'suggest', with: {} }] },
  )
  const RUN = 'INC-0002-1'

  async function underWay(): Promise<MemoryTable> {
    const table = memoryTable()
    const process = processOn(table, tied)
    await process.take(T0, alarm('a', 0))
    await process.take(T0 + 1000, alarm('b', 0))
    await process.visit(T0 + 1500, {
      move(draft) {
        const incident = draft.edit('INC-0002')
        incident.runs = incident.runs!.map((run) => ({ ...run, status: 'running', startedAt: draft.now, owner: 1 }))
      },
    })
    await process.visit(T0 + 1700, { move: (draft) => void draft.edit('INC-0001') })
    return table
  }

  test('is not halted because the merge came between two reads', async () => {
    const table = await underWay()
    let merged = false
    const slow: MemoryTable = {
      ...table,
      async getMany(keys) {
        if (!merged) {
          merged = true
          await processOn(fresh(table), tied).take(T0 + 2000, alarm('c', 0))
        }
        return table.getMany(keys)
      },
    }
    expect(await look(slow, (board) => whyHalt(board, RUN, 1, tied.config))).toBeUndefined()
    expect((await readBoard(fresh(table))).incidents['INC-0002']!.mergedInto).toBe('INC-0001')
  })

  test('is not the run of the same id from before a restore', async () => {
    const { incidents, ...board } = await readBoard(await underWay())
    const named = (name: string): string | undefined => findRun({ ...board, incidents }, name)?.run.id
    const older = `${RUN}-${stampOf(T0 - minutes(600))}`
    expect([RUN, `${RUN}-${stampOf(T0 + 1000)}`, older].map(named)).toEqual([RUN, RUN, undefined])
    expect(whyHalt({ ...board, incidents }, older, 1, tied.config)).toBe('it is not under way any more')
  })
})

describe('a process of 0.1.0', () => {
  /** As 0.1.0 stored it. */
  async function older(): Promise<MemoryTable> {
    const table = memoryTable()
    const { index: _, ...board } = play(rules, [alarm('mail', 0)]).board
    await table.replace({ pk: 'BOARD', sk: 'BOARD', rev: 5, body: JSON.stringify(board) }, 0)
    return table
  }
  const board = async (table: MemoryTable) => (await table.get({ pk: 'BOARD', sk: 'BOARD' }))!
  const idsOn = async (table: MemoryTable): Promise<string[]> => Object.keys((await readBoard(fresh(table))).incidents)

  test('finds an empty board once it is taken over, and cannot write it, whenever it had read it', async () => {
    const table = await older()
    const before = await board(table)
    await processOn(fresh(table), rules).take(T0 + 1000, alarm('old', 0))
    const after = await board(table)
    expect(JSON.parse(after.body)).toEqual({ nextId: 1, incidents: {} })
    for (const { rev } of [before, after]) {
      expect(await table.replace({ ...before, rev: rev + 1 }, rev)).toBe(false)
      expect(await table.replace({ ...before, rev: rev + 1 }, 0)).toBe(false)
    }
    expect(await idsOn(table)).toEqual(['INC-0001', 'INC-0002'])
  })

  test('is not taken over twice, also if somebody deletes the index', async () => {
    const table = await older()
    await processOn(fresh(table), rules).take(T0 + 1000, alarm('old', 0))
    const index = (await table.get({ pk: 'INDEX', sk: 'INDEX' }))!
    await table.remove(index, index.rev)
    await processOn(fresh(table), rules).take(T0 + 2000, alarm('third', 0))
    expect(await idsOn(table)).toEqual(['INC-0001', 'INC-0002', 'INC-0003'])
  })

  test('that writes while it is taken over is taken over with what it wrote', async () => {
    const table = await older()
    let reads = 0
    const slow: MemoryTable = {
      ...table,
      async get(key) {
        const item = await table.get(key)
        // It is read to be taken over, and once more to be fenced.
        if (key.pk !== 'BOARD' || ++reads !== 2) return item
        await table.replace({ ...item!, rev: 6, body: item!.body.replace('"nextId":2', '"nextId":7') }, 5)
        return table.get(key)
      },
    }
    await processOn(slow, rules).take(T0 + 1000, alarm('old', 0))
    expect(await idsOn(table)).toEqual(['INC-0001', 'INC-0007'])
  })

  test('whose successor dies in between leaves everything to the next one', async () => {
    for (let calls = 0; ; calls++) {
      const table = await older()
      let left = calls
      const mortal =
        <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
        (...args: Args): Promise<T> =>
          left-- > 0 ? call(...args) : Promise.reject(new Error('died'))
      const process = { ...table, replace: mortal(table.replace), advance: mortal(table.advance) }
      const lived = await processOn(process, rules)
        .take(T0 + 1000, alarm('old', 0))
        .then(
          () => true,
          () => false,
        )
      await processOn(fresh(table), rules).take(T0 + 2000, alarm('old', 0))
      expect(await idsOn(table)).toEqual(['INC-0001', 'INC-0002'])
      if (lived) break
    }
  })

  test('whose successor dies before the board is emptied leaves that to the next commit', async () => {
    const table = await older()
    let isDead = false
    const mortal = {
      ...table,
      async replace(item: Item, expected: number) {
        if (isDead) throw new Error('died')
        const done = await table.replace(item, expected)
        isDead ||= item.pk === 'INDEX'
        return done
      },
    }
    await expect(processOn(mortal, rules).take(T0 + 1000, alarm('old', 0))).rejects.toThrow('died')
    expect((await board(table)).body).toMatch(/^!/)
    await processOn(fresh(table), rules).take(T0 + 2000, alarm('third', 0))
    expect(JSON.parse((await board(table)).body)).toEqual({ nextId: 1, incidents: {} })
    expect(await idsOn(table)).toEqual(['INC-0001', 'INC-0002', 'INC-0003'])
  })

  test('keeps its words, exclamation marks and all', async () => {
    const table = await older()
    const before = await board(table)
    await table.replace({ ...before, rev: 6, body: before.body.replace('Opened: ', 'Opened! ') }, 5)
    await processOn(fresh(table), rules).take(T0 + 1000, alarm('old', 0))
    const { timeline } = (await readBoard(fresh(table))).incidents['INC-0001']!
    expect(JSON.stringify(await board(table))).not.toContain('mail')
    expect(timeline).toHaveLength(1)
    expect((await table.scan()).map(({ body }) => body).join()).toContain('Opened! mail')
  })

  test('and its successors, two of which die or not, keep what the winner committed', async () => {
    const table = await older()
    // The second reads the board once the first has fenced it, and lands its copies before it finds the index made.
    let second: Promise<unknown> | undefined
    const first = {
      ...table,
      async replace(item: Item, expected: number) {
        const done = await table.replace(item, expected)
        if (item.pk === 'BOARD' && !second) {
          second = processOn(fresh(table), rules).take(T0 + 1000, alarm('old', 0))
          for (let turns = 0; turns < 20; turns++) await Promise.resolve()
        }
        return done
      },
    }
    await processOn(first, rules).take(T0 + 1000, alarm('mail', 0, { metric: 'errors' }))
    await second
    const { incidents } = await readBoard(fresh(table))
    expect(Object.keys(incidents)).toEqual(['INC-0001', 'INC-0002'])
    expect(incidents['INC-0001']!.firing).toBe(2)
    expect(Object.keys(incidents['INC-0001']!.services['mail']!).sort()).toEqual(['errors', 'latency'])
  })

  test('and its successors, two of which take over at once, make one index', async () => {
    const table = await older()
    await Promise.all([
      processOn(fresh(table), rules).take(T0 + 1000, alarm('old', 0)),
      processOn(fresh(table), rules).take(T0 + 1000, alarm('mail', 0, { metric: 'errors' })),
    ])
    expect(await idsOn(table)).toEqual(['INC-0001', 'INC-0002'])
    expect((await readBoard(fresh(table))).incidents['INC-0001']!.firing).toBe(2)
  })
})

test('edits of the same head are put together in their order', () => {
  const piece = (edits: Edit[]): Piece => ({ part: { of: 'INC-0001', sk: 'INCIDENT', edits }, body: {} })
  const all: Edit[] = [
    ['flapping', 'a', 1],
    ['flapping', null],
    ['flapping', 'a', 2],
    ['firing', 1],
    ['firing', 2],
  ]
  const known = { ...piece(all.slice(0, 2)), at: T0 }
  const [{ part }] = onTopOf([piece(all.slice(2))], new Map([['INCIDENT#INC-0001\nINCIDENT', known]]), {
    now: T0,
    withinMs: 10,
  }) as [Piece]
  expect(part.edits).toEqual([
    ['flapping', null],
    ['flapping', 'a', 2],
    ['firing', 2],
  ])
  const [flying] = flyingParts([{ rev: 2, at: T0, changes: [], parts: [part] }], new Map()).values()
  expect(flying!.body).toEqual({ flapping: { a: 2 }, firing: 2 })
})
