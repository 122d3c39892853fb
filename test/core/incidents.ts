// Small incidents for tests: a config in a line, alarms in a word, and the board that results.
import { checkConfig, type ConfigInput } from '../../lambda/config.ts'
import type { Alarm, Change } from '../../lambda/core/incident/alarm.ts'
import { correlate } from '../../lambda/core/correlate/correlate.ts'
import { draftOf } from '../../lambda/core/incident/draft.ts'
import { emptyBoard, type Board } from '../../lambda/core/incident/board.ts'
import type { Incident } from '../../lambda/core/incident/incident.ts'
import type { Person } from '../../lambda/core/incident/person.ts'
import { keyOf } from '../../lambda/core/intake/envelopes.ts'
import { rulesOf, type Rules } from '../../lambda/core/services/rules.ts'
import { settle } from '../../lambda/core/due/due.ts'
import { act, type Ask, type Denial } from '../../lambda/core/respond/act.ts'

export const T0 = Date.parse('2024-05-02T14:00:00Z')
export const minutes = (n: number): number => n * 60_000
export const ANA: Person = { id: 'U0ANA', name: 'Ana' }
export const BEN: Person = { id: 'U0BEN', name: 'Ben' }

export const rulesFor = (services: ConfigInput['services'], rest: Partial<ConfigInput> = {}): Rules =>
  rulesOf(checkConfig({ slack: { channel: 'C0123456' }, services, ...rest }))

/** An alarm of a service, `at` minutes after T0. Its name holds the service's id, so that it is found without matchers. */
export function alarm(service: string, at: number, extra: Partial<Change> = {}): Change {
  const name = extra.name ?? `${service}/${extra.metric ?? 'latency'}`
  const key = keyOf('123456789012', 'eu-central-1', name)
  const place = { account: '123456789012', region: 'eu-central-1', dimensions: { ServiceName: service } }
  return { key, name, state: 'ALARM', at: T0 + minutes(at), metric: 'latency', ...place, ...extra }
}

export const recovery = (service: string, at: number, extra: Partial<Change> = {}): Change =>
  alarm(service, at, { ...extra, state: 'OK' })

export interface Played {
  board: Board
  alarms: Map<string, Alarm>
  only: Incident
}

/** Each change on its own, when it happens; `from` continues from an earlier board. */
export function play(rules: Rules, changes: readonly Change[], from?: Pick<Played, 'board' | 'alarms'>): Played {
  let played = { board: from?.board ?? emptyBoard(), alarms: new Map(from?.alarms) }
  for (const change of changes) played = takeIn(rules, [change], played)
  return { ...played, only: onlyOn(played.board) }
}

/** All of them in one batch. */
export function playAtOnce(rules: Rules, changes: readonly Change[]): Played {
  const played = takeIn(rules, changes, { board: emptyBoard(), alarms: new Map() })
  return { ...played, only: onlyOn(played.board) }
}

type State = Pick<Played, 'board' | 'alarms'>

function takeIn(rules: Rules, changes: readonly Change[], { board, alarms }: State): State {
  const draft = draftOf(board, rules, changes.at(-1)!.at)
  correlate(draft, alarms, changes)
  settle(draft)
  return { board: draft.board, alarms: new Map([...alarms, ...draft.alarms]) }
}

export function onlyOn(board: Board): Incident {
  const [incident] = Object.values(board.incidents)
  if (!incident) throw new Error('no incident on the board')
  return incident
}

/** The board after what falls due, `at` minutes after T0. */
export function later(board: Board, rules: Rules, at: number): Board {
  const draft = draftOf(board, rules, T0 + minutes(at))
  settle(draft)
  return draft.board
}

/** `board` unset: nothing changed. `told`: what only that person is told. */
export interface Answer {
  board?: Board
  told?: string
}

/** The board after a click, `at` minutes after T0. */
export function clicked(
  board: Board,
  rules: Rules,
  { at = 0, who = ANA, denied, ...ask }: Ask & { at?: number; who?: Person; denied?: Denial },
): Answer {
  const draft = draftOf(board, rules, T0 + minutes(at))
  const told = act(draft, ask, { who, denied })
  return { ...(draft.touched.size > 0 && { board: draft.board }), ...(told !== undefined && { told }) }
}

export const kindsOf = ({ timeline }: Incident): string[] => timeline.map(({ kind }) => kind)
