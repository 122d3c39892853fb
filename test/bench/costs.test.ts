// docs/costs.md says what is counted.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { OPERATIONS } from '../../bench/costs/account.ts'
import type { Cost, CostFigures } from '../../bench/costs/costs.ts'
import { meteredTable } from '../../bench/costs/metered.ts'
import {
  ITEMS,
  listCosts,
  monthCosts,
  nothing,
  PRICES,
  total,
  type Item,
  type Usage,
} from '../../bench/costs/prices.ts'
import type { Item as Row, Table } from '../../lambda/ports/table.ts'
import { memoryTable } from '../../replay/memory.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const DOC = readFileSync(join(ROOT, 'docs', 'costs.md'), 'utf8')

/** Memory sizes, messages and the board grow a little now and then; beyond this, the page has to be updated. */
const TOLERANCE = 0.05

const near = (said: number, counted: number, roundedTo = 0): boolean =>
  Math.abs(said - counted) <= Math.max(counted * TOLERANCE, roundedTo)
const numberOf = (text: string): number => Number(text.replaceAll(/[,*\s]/g, ''))

describe('docs/costs.md', () => {
  let figures: Omit<CostFigures, 'cpu'>
  let costs: Cost[]
  const rows = [...DOC.matchAll(/^\| (.+) \|$/gm)].map(([, cells]) => cells!.split(' | ').map((cell) => cell.trim()))
  const rowOf = (what: string): string[] => rows.find(([first]) => first === what) ?? []

  beforeAll(() => {
    // In a process of its own: Jest looks up every global through its own context, and takes twice as long.
    const counted = execFileSync(process.execPath, [join(import.meta.dirname, 'count-costs.ts')], { encoding: 'utf8' })
    figures = JSON.parse(counted) as typeof figures
    costs = [figures.idle, figures.thousand, ...figures.millions]
  }, 240_000)

  test('has a row with its price for each thing that is paid, and the counts', () => {
    const wrong: string[] = []
    for (const item of ITEMS.filter((one) => costs.some(({ usage }) => usage[one] > 0))) {
      const [, price, ...cells] = rowOf(PRICES[item].what)
      if (price === undefined || Number.parseFloat(price) !== PRICES[item].usd) wrong.push(`${item}: ${price}`)
      costs.forEach(({ what, usage }, column) => {
        const [count = '0', usd = '0'] = (cells[column] ?? '').split(' = ').map((cell) => cell || '0')
        const counted = listCosts(usage)[item]
        if (!near(numberOf(count), usage[item], 0.00001) || !near(numberOf(usd), counted, 0.005))
          wrong.push(`${PRICES[item].what}, ${what}: ${usage[item]} = ${counted}, not ${cells[column]}`)
      })
    }
    expect(wrong).toEqual([])
  })

  test('has the sums that follow from them, in the table and in its first lines', () => {
    const sums = (row: string) => rowOf(row).slice(2).map(numberOf)
    const answers = DOC.split('\n')
      .slice(2, 5)
      .map((line) => [...line.matchAll(/([\d.]+) USD/g)].map(([, usd]) => Number(usd)))
    const [idle, thousand, hour, storms] = costs.map(({ list, afterFree }) => ({ list, afterFree }))
    const expected = [
      ...costs.map(({ list }) => list),
      ...costs.map(({ afterFree }) => afterFree),
      ...[idle!.afterFree, idle!.list, thousand!.afterFree, thousand!.list, hour!.list, storms!.list],
    ]
    const said = [...sums('**in all, list prices**'), ...sums('**in all, after what is free**'), ...answers.flat()]
    expect(said).toHaveLength(expected.length)
    expect(said.filter((usd, place) => !near(usd, expected[place]!, 0.01))).toEqual([])
  })

  test('has a formula that gives what was counted', () => {
    const [, fixed, each] = /about \*\*([\d.]+) \+ ([\d.]+)\/b USD/.exec(DOC)!
    for (const { usage } of figures.millions) {
      const batch = 2 / (usage.standard / 1_000_000 - 1)
      const counted = total(listCosts({ ...usage, metricHour: 0 }))
      expect(near(Number(fixed) + Number(each) / batch, counted)).toBe(true)
    }
  })

  test('says what open incidents add', () => {
    const said = figures.open.map(({ incidents }) =>
      rowOf(`${incidents.toLocaleString('en-US')} open`)
        .slice(1)
        .map(numberOf),
    )
    const counted = figures.open.map(({ alarmsACommit, unitsACommit, usage, list }) => [
      alarmsACommit,
      unitsACommit,
      usage.write / 1_000_000,
      usage.read / 1_000_000,
      list,
    ])
    expect(said.map((row) => row.length)).toEqual(counted.map((row) => row.length))
    const wrong = said.flatMap((row, n) => row.filter((value, column) => !near(value, counted[n]![column]!, 0.05)))
    expect(wrong).toEqual([])
    expect(Number(/takes \*\*(\d+) write units\*\*/.exec(DOC)![1])).toBe(figures.alone)
  })

  test('keeps what was aimed at: at most 1 USD for an idle month after what is free, 2.25 USD for a million in a storm, 8 write units for an alarm alone', () => {
    expect(figures.idle.afterFree).toBeLessThan(1)
    expect(figures.millions[0]!.list).toBeLessThan(2.25)
    expect(figures.alone).toBeLessThanOrEqual(8)
  })
})

describe('the count', () => {
  test('of durable operations is that of the timer as it is written', () => {
    const source = readFileSync(join(ROOT, 'lambda', 'entry', 'escalate.ts'), 'utf8')
    const named = [...source.matchAll(/context\.(?:step|wait)\('([^']+)'/g)].map(([, name]) => name)
    expect(named).toEqual(OPERATIONS.slice(1))
  })

  const row = (rev: number, bytes: number): Row => ({ pk: 'p', sk: 's', rev, body: textOf(bytes) })
  /** Random hexadecimal digits: packs to about half. */
  const textOf = (bytes: number): string => {
    let state = 1
    return Array.from({ length: bytes }, () => (state = (state * 48_271) % 2_147_483_647) % 16)
      .map((digit) => digit.toString(16))
      .join('')
  }

  test.each<[what: string, use: (table: Table) => Promise<unknown>, expected: Partial<Usage>]>([
    ['a small item is one unit', (table) => table.replace(row(1, 900), 0), { write: 1 }],
    ['a kilobyte and its names are two', (table) => table.replace(row(1, 1024), 0), { write: 2 }],
    ['a large one is packed first', (table) => table.replace(row(1, 8000), 0), { write: 5 }],
    ['nothing found is one unit as well', (table) => table.get({ pk: 'p', sk: 's' }), { read: 1 }],
    ['each item of a batch counts', (table) => table.getMany([...'abc'].map((pk) => ({ pk, sk: 's' }))), { read: 3 }],
    [
      'a write that is refused is paid, with the larger of both sizes',
      async (table) => [await table.replace(row(1, 1500), 0), await table.replace(row(2, 10), 7)],
      { write: 4 },
    ],
    [
      'an item is read in steps of four kilobytes',
      async (table) => [await table.replace(row(1, 8000), 0), await table.get({ pk: 'p', sk: 's' })],
      { write: 5, read: 2 },
    ],
  ])('of DynamoDB: %s', async (_, use, expected) => {
    const usage = nothing()
    const count = (item: Item, of = 1): void => void (usage[item] += of)
    await use(meteredTable(memoryTable(), { count, call: async () => undefined, sizes: new Map() }))
    expect(usage).toEqual({ ...nothing(), ...expected })
  })

  test.each<[what: string, usage: Partial<Usage>, usd: number]>([
    ['within what is free', { standard: 600_000, fifo: 400_000, dashboard: 3, logGb: 5 }, 0],
    ['both kinds of queue share the free million', { standard: 1_000_000, fifo: 1_000_000 }, 0.45],
    ['only what is beyond is paid', { alarmMetric: 12 }, 0.2],
    ['some things are never free', { secret: 1, write: 1_000_000 }, 1.025],
  ])('of a month: %s', (_, usage, usd) => {
    expect(total(monthCosts({ ...nothing(), ...usage }))).toBeCloseTo(usd, 9)
  })
})
