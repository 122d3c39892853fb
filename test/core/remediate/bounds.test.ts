// What holds a runbook back, to the millisecond.
import { whyAsk, whyBarred } from '../../../lambda/core/remediate/bounds.ts'
import type { RunRecord } from '../../../lambda/core/incident/run.ts'
import { ANA, minutes, onlyOn, T0 } from '../incidents.ts'
import { boardWith, draftWith, ID, LOCK, record, restartRules } from './runs.ts'

const rules = restartRules({ remediation: { cooldownSeconds: 600, perHour: 2, autoPerHour: 2 } })
const run = onlyOn(boardWith(rules)).runs![0]!
const NOW = T0 + minutes(120)
const ended = (startedAgo: number, endedAgo: number, changes: Partial<RunRecord> = {}): RunRecord =>
  record({ startedAt: NOW - startedAgo, endedAt: NOW - endedAgo, ok: true, run: `INC-${startedAgo}-1`, ...changes })
const HOUR = minutes(60)

const OPEN = undefined
const RESTS = 'its target is in cooldown until 16:09 UTC, 10 min after the last run'

test.each<[string, RunRecord[], string | undefined]>([
  ['nothing was run before', [], OPEN],
  [
    'another run works on the target',
    [record({ startedAt: NOW })],
    'rolling-restart (INC-0000-1) is already working on the same target',
  ],
  ['another run works on another target', [record({ lock: 'ecs shop/web' })], OPEN],
  ['it is its own record', [record({ run: ID })], OPEN],
  [
    'the last run ended less than the cooldown ago',
    [ended(700_000, 599_999)],
    'its target is in cooldown until 16:00 UTC, 10 min after the last run',
  ],
  ['the cooldown has just passed', [ended(700_000, 600_000)], OPEN],
  ['the latest end counts, wherever it stands', [ended(70_000, 60_000), ended(HOUR * 2, HOUR)], RESTS],
  ['another target rests', [ended(2000, 1000, { lock: 'ecs shop/web' })], OPEN],
  [
    'it had its runs within the hour',
    [ended(HOUR - 1, 700_000), ended(800_000, 700_000)],
    'its target had 2 runs within an hour',
  ],
  ['one of them is an hour old', [ended(HOUR, 700_000), ended(800_000, 700_000)], OPEN],
  ['one of them was on another target', [ended(HOUR - 1, 700_000, { lock: 'x' }), ended(800_000, 700_000)], OPEN],
])('whether a target is barred: %s', (_, history, why) => {
  expect(whyBarred(draftWith(rules, history, NOW), run, LOCK)).toBe(why)
})

test('a person has stopped all runbooks', () => {
  const draft = draftWith(rules, [], NOW)
  draft.board.remediation!.stopped = { by: ANA, at: T0 }
  expect(whyBarred(draft, run, LOCK)).toBe('Ana stopped all runbooks at 14:00 UTC')
})

test('the config has switched them off', () => {
  const off = restartRules({ remediation: { stopped: true } })
  expect(whyBarred(draftWith(off, [], NOW), run, LOCK)).toBe('runbooks are switched off in the config')
})

const auto = (startedAgo: number, changes: Partial<RunRecord> = {}): RunRecord =>
  ended(startedAgo, startedAgo - 1, { mode: 'auto', lock: 'another', ...changes })

test.each<[string, RunRecord[], string | undefined]>([
  ['one run by itself', [auto(5000)], OPEN],
  ['as many as are allowed, on any target', [auto(5000), auto(HOUR - 1)], '2 automatic runs within an hour already'],
  ['one of them an hour ago', [auto(5000), auto(HOUR)], OPEN],
  ['one of them approved by a person', [auto(5000), auto(6000, { mode: 'suggest' })], OPEN],
  ['one of them its own', [auto(5000), auto(6000, { run: ID })], OPEN],
  [
    'its target is barred',
    [record({ startedAt: NOW })],
    'rolling-restart (INC-0000-1) is already working on the same target',
  ],
])('whether one that may run by itself asks first: %s', (_, history, why) => {
  expect(whyAsk(draftWith(rules, history, NOW), run, LOCK)).toBe(why)
})
