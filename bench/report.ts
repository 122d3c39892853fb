// What the figures say: each in a row, next to its target if it has one.
import type { Cost } from './costs/costs.ts'
import type { Results } from './parts.ts'
import { ITEMS, listCosts, PRICES } from './costs/prices.ts'

export interface Row {
  what: string
  figure: number
  unit: string
  target?: { most: number } | { least: number }
  /** Whether the target is met. */
  met?: boolean
}

/** For a machine with two cores that does little else. */
const TARGETS = {
  alarmsPerSecond: { least: 200_000 },
  cpuMsPerAlarm: { most: 0.15 },
  /** In a large storm; in a small one, each entry of a timeline weighs more. */
  writesPerAlarm: { most: 1.25 },
  slackRefused: { most: 0 },
  /** "One incident within a second", and its message. */
  latencyMs: { most: 1000 },
  /** An hour of a thousand services that flap, replayed within five minutes. */
  cpuMsPerChange: { most: 5 },
  /** DynamoDB: 400 KB an item. */
  indexKilobytes: { most: 350 },
  /** Of what an alarm costs with more around it. */
  ratio: { most: 1.3 },
  /** USD a month, after what AWS gives each account for free. */
  idle: { most: 1 },
  /** USD, at list prices. */
  million: { most: 2.25 },
  aloneUnits: { most: 8 },
} as const satisfies Record<string, Row['target']>

/** Alarms. */
const LARGE = 10_000

/** From the benchmarks that ran. */
export function tablesOf(results: Partial<Results>): { title: string; rows: Row[] }[] {
  const { engine, pipeline, scale, embedded, cold, costs } = results
  return [
    ...(engine ? [engineTable(engine)] : []),
    ...(pipeline ?? []).map(pipelineTable),
    ...(scale ? [scaleTable(scale)] : []),
    ...(embedded ? [embeddedTable(embedded)] : []),
    ...(cold ? [coldTable(cold)] : []),
    ...(costs ? costTables(costs) : []),
  ]
}

function engineTable(figures: Results['engine']) {
  const { alarms, incidents, services, runs } = figures
  return {
    title: `The engine alone: ${count(alarms)} alarms of ${incidents} incidents over ${services} services, median of ${runs} runs`,
    rows: [
      row('read and correlated', figures.alarmsPerSecond, 'alarms/s', TARGETS.alarmsPerSecond),
      row('in the best run', figures.bestAlarmsPerSecond, 'alarms/s'),
      row('to read one', figures.readMicros, 'µs'),
      row('to correlate one', figures.correlateMicros, 'µs'),
    ],
  }
}

function pipelineTable(figures: Results['pipeline'][number]) {
  const { alarms, incidents, services, runs } = figures
  return {
    title: `The whole pipeline in memory: ${count(alarms)} alarms of ${incidents} incidents over ${services} services, median of ${runs} runs`,
    rows: [
      row('CPU', figures.cpuMsPerAlarm, 'ms/alarm', TARGETS.cpuMsPerAlarm),
      row('DynamoDB writes', figures.writesPerAlarm, '/alarm', alarms >= LARGE ? TARGETS.writesPerAlarm : undefined),
      row('DynamoDB reads', figures.readsPerAlarm, 'calls/alarm'),
      row('Slack calls', figures.slackCallsPerAlarm, '/alarm'),
      row('Slack posts', figures.slackPosts, '', { most: incidents }),
      row('Slack calls refused', figures.slackRefused, '', TARGETS.slackRefused),
      row('the index at the end', figures.boardKilobytes, 'KB'),
    ],
  }
}

function scaleTable({ flapping, open, declared }: Results['scale']) {
  const [few, ...more] = open
  const [small, ...larger] = declared
  const alone = few!.cpuMs - few!.packingMs
  return {
    title: `What one hub carries: ${count(flapping.services)} incidents at once, ${count(flapping.changes)} changes of alarms that flap`,
    rows: [
      row('CPU, each change in a batch of its own', flapping.cpuMsPerChange, 'ms', TARGETS.cpuMsPerChange),
      row('all of it', flapping.seconds, 's'),
      row('the largest index, before compression', flapping.largestIndexKilobytes, 'KB', TARGETS.indexKilobytes),
      row(`an alarm in a batch of ten, ${few!.incidents} incidents open`, alone, 'ms without packing'),
      ...more.flatMap(({ incidents, cpuMs, packingMs }) => [
        row(`${count(incidents)} open`, (cpuMs - packingMs) / alone, 'times that', TARGETS.ratio),
        row(`  and packing the index`, packingMs, 'ms'),
      ]),
      row(`an alarm alone, ${small!.services} services in the config`, small!.cpuMs, 'ms'),
      ...larger.map(({ services, cpuMs }) =>
        row(`${count(services)} services`, cpuMs / small!.cpuMs, 'times that', TARGETS.ratio),
      ),
    ],
  }
}

function embeddedTable({ latency, storms }: Results['embedded']) {
  return {
    title: `The real handlers on the emulators: ${latency.samples} single alarms, then storms`,
    rows: [
      row('from the queue to the Slack post, p50', latency.p50Ms, 'ms', TARGETS.latencyMs),
      row('from the queue to the Slack post, p99', latency.p99Ms, 'ms', TARGETS.latencyMs),
      ...storms.map(({ alarms, alarmsPerSecond }) =>
        row(`a storm of ${count(alarms)} in the table`, alarmsPerSecond, 'alarms/s'),
      ),
      row('Slack calls refused', Math.max(...storms.map((storm) => storm.slackRefused)), '', TARGETS.slackRefused),
    ],
  }
}

function coldTable({ runs, functions }: Results['cold']) {
  return {
    title: `Cold starts, from the start of the process to a handler that is ready: medians of ${runs}`,
    rows: functions.flatMap(({ name, bytes, readyMs, ratio }) => [
      row(name, readyMs, `ms, ${ratio.toFixed(2)} × the DynamoDB client, ${Math.round(bytes / 1024)} KB`),
    ]),
  }
}

function costTables({ idle, thousand, millions, alone, open, cpu }: Results['costs']) {
  const [fast, ...others] = millions
  return [
    costTable('What an idle month costs', idle, { afterFree: TARGETS.idle }),
    costTable('What 1,000 alarms in a month cost on top, each with its recovery and a click', thousand, {}),
    costTable(`What ${fast!.what} cost`, fast!, { list: TARGETS.million }),
    ...others.map((cost) => costTable(`What ${cost.what} cost`, cost, {})),
    {
      title: 'What open incidents add: a million alarms of theirs within an hour',
      rows: [
        row('one alarm alone', alone, 'write units', TARGETS.aloneUnits),
        ...open.flatMap(({ incidents, list, unitsACommit, alarmsACommit }) => [
          row(`beside ${count(incidents)} open`, list, 'USD a million'),
          row('  the index, in each commit', unitsACommit, `write units for ${number(alarmsACommit)} alarms`),
        ]),
      ],
    },
    {
      title: 'What the counts stand on',
      rows: [
        row('CPU time of a call, as counted', cpu.assumedMs, 'ms'),
        row('measured here', cpu.measuredMs, 'ms', { most: cpu.assumedMs }),
      ],
    },
  ]
}

function costTable(
  title: string,
  { usage, list, afterFree }: Cost,
  targets: Partial<Record<'list' | 'afterFree', Row['target']>>,
) {
  const costs = listCosts(usage)
  return {
    title,
    rows: [
      ...ITEMS.filter((item) => usage[item] > 0).map((item) =>
        row(PRICES[item].what, costs[item], `USD for ${number(usage[item])}`),
      ),
      row('in all, at list prices', list, 'USD', targets.list),
      row('in all, after what is free', afterFree, 'USD', targets.afterFree),
    ],
  }
}

function row(what: string, figure: number, unit: string, target?: Row['target']): Row {
  if (!target) return { what, figure, unit }
  return { what, figure, unit, target, met: 'most' in target ? figure <= target.most : figure >= target.least }
}

/** For people to read. */
export function tableText({ title, rows }: { title: string; rows: readonly Row[] }): string {
  const width = Math.max(...rows.map(({ what }) => what.length))
  const lines = rows.map(({ what, figure, unit, target, met }) => {
    const line = `  ${met === undefined ? ' ' : met ? '✓' : '✗'} ${what.padEnd(width)} ${number(figure).padStart(9)} ${unit}`
    return target ? `${line.padEnd(width + 32)} target: ${aim(target)}` : line
  })
  return [title, ...lines, ''].join('\n')
}

const aim = (target: NonNullable<Row['target']>): string =>
  'most' in target ? `at most ${count(target.most)}` : `at least ${count(target.least)}`

const count = (value: number): string => value.toLocaleString('en-US')

const number = (value: number): string =>
  Number.isInteger(value) || value >= 1000
    ? count(Math.round(value))
    : value.toLocaleString('en-US', { minimumSignificantDigits: 3, maximumSignificantDigits: 3 })
