// How fast is the engine alone? Alarms that are already parsed, read and correlated in batches: no queue, no table, no Slack.
import type { Alarm, Change } from '../lambda/core/incident/alarm.ts'
import { correlate } from '../lambda/core/correlate/correlate.ts'
import { settle } from '../lambda/core/due/due.ts'
import { emptyBoard, type Board } from '../lambda/core/incident/board.ts'
import { draftOf } from '../lambda/core/incident/draft.ts'
import { read } from '../lambda/core/intake/envelopes.ts'
import { rulesOf, type Rules } from '../lambda/core/services/rules.ts'
import { batchesOf, median, type Batch, type Options } from './measure.ts'

export interface EngineFigures {
  alarms: number
  incidents: number
  services: number
  runs: number
  /** Median of the runs. */
  alarmsPerSecond: number
  /** Of the best run: if it is much higher, the machine was busy with something else. */
  bestAlarmsPerSecond: number
  /** In the median run: the time to read the event, and to correlate, in µs per alarm. */
  readMicros: number
  correlateMicros: number
}

const STORM = { incidents: 5, services: 60, seed: 1 }

export async function measure({ quick, progress }: Options): Promise<EngineFigures> {
  const alarms = 10_000
  const [warmUps, runs] = quick ? [2, 5] : [5, 15]
  const { config, batches } = batchesOf({ ...STORM, alarms })
  const rules = rulesOf(config)
  progress(`engine: ${alarms} alarms, ${runs} runs`)
  for (let i = 0; i < warmUps; i++) check(run(batches, rules).board, alarms)
  const seconds: number[] = []
  const reading: number[] = []
  for (let i = 0; i < runs; i++) {
    const took = run(batches, rules)
    check(took.board, alarms)
    seconds.push(took.ms / 1000)
    reading.push(readOnly(batches) / 1000)
  }
  const micros = (median(seconds) / alarms) * 1e6
  const readMicros = (median(reading) / alarms) * 1e6
  const { incidents, services } = STORM
  return {
    alarms,
    incidents,
    services,
    runs,
    alarmsPerSecond: Math.round(1e6 / micros),
    bestAlarmsPerSecond: Math.round(alarms / Math.min(...seconds)),
    readMicros,
    correlateMicros: micros - readMicros,
  }
}

/** The board and the alarms' records are carried from batch to batch, as the store does. */
function run(batches: readonly Batch[], rules: Rules): { board: Board; ms: number } {
  const began = performance.now()
  const alarms = new Map<string, Alarm>()
  let board = emptyBoard()
  for (const { at, events } of batches) {
    const draft = draftOf(board, rules, at)
    correlate(draft, alarms, readAll(events, at))
    settle(draft)
    board = draft.board
    for (const [key, alarm] of draft.alarms) alarms.set(key, alarm)
  }
  return { board, ms: performance.now() - began }
}

function readOnly(batches: readonly Batch[]): number {
  const began = performance.now()
  let found = 0
  for (const { at, events } of batches) found += readAll(events, at).length
  if (found === 0) throw new Error('the events are no alarms')
  return performance.now() - began
}

function readAll(events: Batch['events'], now: number): Change[] {
  const changes: Change[] = []
  for (const event of events) {
    const reading = read(event, now)
    if (reading.is === 'alarm') changes.push(reading.change)
  }
  return changes
}

function check({ incidents }: Board, alarms: number): void {
  const found = Object.values(incidents)
  const firing = found.reduce((sum, incident) => sum + incident.firing, 0)
  if (found.length !== STORM.incidents || firing !== alarms)
    throw new Error(`the engine made ${found.length} incidents of ${firing} alarms`)
}
