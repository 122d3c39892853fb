// This version reads what an older Tocsin stored: see the README next to each sample.
import { readFileSync } from 'node:fs'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { describe, expect, test } from '@jest/globals'
import { itemOf } from '../lambda/adapters/dynamodb.ts'
import { checkConfig, type ConfigInput } from '../lambda/config.ts'
import { rulesOf } from '../lambda/core/services/rules.ts'
import { unreadableId } from '../lambda/core/notify/notices.ts'
import { findRun } from '../lambda/core/remediate/runs.ts'
import type { RunOrder } from '../lambda/ports/runs.ts'
import { load, readBoard, readIncident } from '../lambda/store/board.ts'
import { throughDoor } from '../lambda/store/door.ts'
import { readTimeline } from '../lambda/store/story.ts'
import { notify } from '../lambda/stages/notify.ts'
import { memoryTable, type MemoryTable } from '../replay/memory.ts'
import { world } from '../replay/world.ts'

type Row = Record<string, AttributeValue>

const sample = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/0.1.0/${file}`, import.meta.url), 'utf8'))

/** In a file, binary is base64; DynamoDB's client returns bytes. */
const withBytes = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value.B === undefined ? value : { B: Buffer.from(value.B as unknown as string, 'base64') },
    ]),
  )

async function sampleTable(): Promise<MemoryTable> {
  const table = memoryTable()
  for (const row of sample('table.json') as Row[]) await table.advance(itemOf(withBytes(row)))
  return table
}

test('the config of 0.1.0 is a config still', () => {
  expect(() => checkConfig(sample('config.json'))).not.toThrow()
})

test('the incidents of 0.1.0, wherever they are', async () => {
  const table = await sampleTable()
  const board = await readBoard(table)
  expect(Object.values(board.incidents).map(({ id, status }) => `${id} ${status}`)).toEqual([
    'INC-0002 resolved',
    'INC-0003 acknowledged',
    'INC-0004 open',
    'INC-0005 open',
    'INC-0006 open',
    'INC-0007 merged',
    'INC-0008 snoozed',
    'INC-0009 open',
    'INC-0010 open',
    'INC-0011 held',
    'INC-0012 open',
  ])
  expect((await readIncident(table, 'INC-0001'))?.status).toBe('resolved')
  expect(await readTimeline(table, board.incidents['INC-0003']!)).toHaveLength(142)
  expect(findRun(board, 'INC-0004-1')?.run.status).toBe('proposed')
  expect(findRun(board, 'INC-0005-1')?.run.status).toBe('running')
})

test('an alarm whose record never landed is known from the board', async () => {
  const table = await sampleTable()
  const item = (await table.get({ pk: 'BOARD', sk: 'BOARD' }))!
  const { flight } = JSON.parse(item.body) as { flight: { changes: [key: string][] }[] }
  const [key] = flight.at(-1)!.changes[0]!
  const { alarms } = await load(table, [key])
  expect(alarms.get(key)).toMatchObject({ incident: 'INC-0012', partial: true })
})

test('a table of 0.1.0 in which nothing is open is taken over by whoever looks first, also by notify', async () => {
  const played = world(checkConfig(sample('config.json')), 0)
  const board = { pk: 'BOARD', sk: 'BOARD' }
  await played.table.replace({ ...board, rev: 4, body: '{"nextId":3,"incidents":{}}' }, 0)
  await notify(played.runtime, undefined, Infinity)
  expect(await played.table.get(board)).toMatchObject({ rev: NaN })
  expect((await readBoard(played.table)).nextId).toBe(3)
})

describe('the first change takes over', () => {
  const START = Date.parse('2026-03-01T02:00:00Z')
  const takenOver = async () => {
    const table = await sampleTable()
    const [woken, told, started]: [string[], [string, number][], RunOrder[]] = [[], [], []]
    const runtime = {
      ...world(checkConfig(sample('config.json')), START).runtime,
      table,
      timers: {
        wake: async (id: string) => void woken.push(id),
        tell: async (place: string, at: number) => void told.push([place, (at - START) / 1000]),
      },
      runs: { start: async (_runbook: string, order: RunOrder) => void started.push(order) },
    }
    const before = await readBoard(table)
    await throughDoor(runtime, { move: () => undefined })
    return { runtime, table, woken, told, started, before, board: await readBoard(table) }
  }

  test('a run under way is handed to a person, who is told why', async () => {
    const { board, table } = await takenOver()
    expect(findRun(board, 'INC-0005-1')?.run).toMatchObject({
      status: 'failed',
      why: expect.stringContaining('Tocsin was upgraded while it ran'),
    })
    const timeline = await readTimeline(table, board.incidents['INC-0005']!)
    expect(timeline.findLast(({ kind }) => kind === 'handed over')?.text).toContain('Please take over')
    expect(board.remediation?.history.find(({ run }) => run === 'INC-0005-1')).toMatchObject({ ok: false })
  })

  test('what waits for approval waits still', async () => {
    const { board } = await takenOver()
    expect(findRun(board, 'INC-0004-1')?.run.status).toBe('proposed')
  })

  test('and the next one does not write it again', async () => {
    const { runtime, table } = await takenOver()
    const { writes } = table
    const heartbeat = { at: START, takenInAt: START }
    const clock = { ...runtime.clock, now: () => START + 60_000 }
    await throughDoor({ ...runtime, clock }, { move: ({ board }) => Object.assign(board, { heartbeat }) })
    expect(table.writes - writes).toBe(1)
  })

  test('everything that is open has a timer again, and its places are told once the functions are replaced', async () => {
    const { woken, told } = await takenOver()
    expect(woken).toEqual(expect.arrayContaining(['INC-0004', 'INC-0008', 'INC-0010']))
    expect(told).toEqual([60, 300, 900].map((seconds) => ['#incidents', seconds]))
  })
})

test('the messages that 0.1.0 posted go on: nothing is posted twice, and what was not shown yet is', async () => {
  const table = await sampleTable()
  const { incidents, unreadable } = await readBoard(table)
  const config = checkConfig(sample('config.json'))
  const played = world(config, Date.parse('2026-03-01T03:00:00Z'))
  const { chat, clock } = played
  const refs = new Map(
    Object.values(incidents).flatMap(({ id, slack }) => (slack?.ts ? [[id, slack.ts] as const] : [])),
  )
  for (const [tag, ts] of [...refs, ['unreadable', unreadable!.slack!.ts!] as const])
    chat.messages.set(ts, {
      ts,
      tag,
      channel: config.slack.channel,
      text: '',
      blocks: [],
      edits: [],
      at: 0,
      mentions: [],
    })
  const before = chat.messages.size
  clock.at(clock.now(), () => notify({ ...played.runtime, table }, undefined, Infinity))
  await clock.run()
  // Another channel from now on: what is open stays where it is.
  const moved = rulesOf(checkConfig({ ...(sample('config.json') as ConfigInput), slack: { channel: '#elsewhere' } }))
  const after = { ...played.runtime, table, rules: moved }
  clock.at(clock.now() + 60_000, async () => {
    await throughDoor(after, { move: () => undefined })
    for (const place of ['#elsewhere', config.slack.channel]) await notify(after, place, Infinity)
  })
  await clock.run()

  const now = [...chat.messages.values()]
  const posted = now.slice(before).filter(({ threadTs }) => threadTs === undefined)
  // One that was held, and one that nobody had been told of.
  expect(posted.map(({ tag, channel }) => [tag.split('/')[0], channel])).toEqual([
    ['INC-0011', config.slack.channel],
    ['INC-0012', config.slack.channel],
    [unreadableId(unreadable!), '#elsewhere'],
  ])
  const edited = now.filter(({ edits }) => edits.length > 0).map(({ tag }) => tag)
  const stale = Object.values(incidents).filter(({ slack, change }) => slack?.ts && slack.shown !== change)
  expect(edited).toEqual(expect.arrayContaining(stale.map(({ id }) => id)))
  expect(stale.length).toBeGreaterThan(0)
})
