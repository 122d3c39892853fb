// One run on a board, for tests of what moves it.
import { emptyBoard, type Board } from '../../../lambda/core/incident/board.ts'
import { draftOf, type Draft } from '../../../lambda/core/incident/draft.ts'
import type { Incident } from '../../../lambda/core/incident/incident.ts'
import type { Run, RunRecord } from '../../../lambda/core/incident/run.ts'
import type { Entry } from '../../../lambda/core/incident/timeline.ts'
import type { Rules } from '../../../lambda/core/services/rules.ts'
import type { ConfigInput } from '../../../lambda/config.ts'
import { alarm, onlyOn, play, rulesFor, T0 } from '../incidents.ts'

export const ID = 'INC-0001-1'
export const LOCK = 'ecs shop/api'

type Rest = Partial<ConfigInput> & { mode?: 'suggest' | 'auto' }

export const restartRules = ({ mode = 'suggest', ...rest }: Rest = {}): Rules =>
  rulesFor(
    { api: { target: { ecs: { cluster: 'shop', service: 'api' } } }, web: {} },
    { runbooks: [{ runbook: 'rolling-restart', when: { service: 'api' }, mode, with: {} }], ...rest },
  )

/** The api's alarm has fired at T0, and its run is as `changes` say. */
export function boardWith(rules: Rules, changes: Partial<Run> = {}, history: RunRecord[] = []): Board {
  const { board, only } = play(rules, [alarm('api', 0)])
  const runs = only.runs!.map((run): Run => ({ ...run, ...changes }))
  return {
    ...board,
    incidents: { [only.id]: { ...only, runs } },
    ...(history.length > 0 && { remediation: { history } }),
  }
}

export interface After<T> {
  result: T
  draft: Draft
  incident: Incident
  run: Run
  /** What it noted. */
  noted: Entry[]
}

/** The board after `work` at `now` (ms). */
export function after<T>(board: Board, rules: Rules, now: number, work: (draft: Draft) => T): After<T> {
  const draft = draftOf(board, rules, now)
  const result = work(draft)
  const incident = onlyOn(draft.board)
  const noted = incident.timeline.slice(onlyOn(board).timeline.length)
  return { result, draft, incident, run: incident.runs!.find(({ id }) => id === ID)!, noted }
}

export const record = (changes: Partial<RunRecord> = {}): RunRecord => ({
  run: 'INC-0000-1',
  runbook: 'rolling-restart',
  lock: LOCK,
  mode: 'suggest',
  startedAt: T0 - 1000,
  ...changes,
})

/** A draft with nothing on its board but what was run before. */
export const draftWith = (rules: Rules, history: RunRecord[], now = T0): Draft =>
  draftOf({ ...emptyBoard(), remediation: { history } }, rules, now)
