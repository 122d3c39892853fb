// A team is called because the cause is its service: when, and where.
import { expect, test } from '@jest/globals'
import { draftOf } from '../../../lambda/core/incident/draft.ts'
import { emptyBoard } from '../../../lambda/core/incident/board.ts'
import type { Incident } from '../../../lambda/core/incident/incident.ts'
import { calling } from '../../../lambda/core/escalate/calling.ts'
import { alarm, minutes, onlyOn, play, rulesFor, T0 } from '../incidents.ts'

const rules = rulesFor(
  { api: { team: 'pay', dependsOn: ['db', 'mail'] }, db: { team: 'data' }, mail: {} },
  {
    teams: {
      pay: { channel: '#pay' },
      data: { title: 'Data', channel: '#data', escalation: [{ afterSeconds: 60, notify: ['U0DORA'] }] },
    },
  },
)
const known = onlyOn(play(rules, [alarm('api', 0), alarm('db', 1)]).board)

const dues = (changes: Partial<Incident>) => {
  const incident = { ...known, ...changes }
  const board = { ...emptyBoard(), nextId: 2, incidents: { [incident.id]: incident } }
  return { board, due: calling(incident, { board, rules }) }
}

test.each<[string, Partial<Incident>, number | undefined]>([
  ['two minutes after the cause has become theirs', {}, T0 + minutes(3)],
  [
    'not if the cause has never moved: they were told from the start, or had no channel then',
    { causeAt: undefined as never },
    undefined,
  ],
  ['also while somebody is on it', { status: 'acknowledged' }, T0 + minutes(3)],
  ['not while it is snoozed', { status: 'snoozed' }, undefined],
  ['not where it lives', { team: 'data' }, undefined],
  ['not twice', { calls: [{ team: 'data', place: '#data', entry: 3 }] }, undefined],
  ['not because another was', { calls: [{ team: 'pay', place: '#pay', entry: 3 }] }, T0 + minutes(3)],
  ['not when everything has recovered', { firing: 0 }, undefined],
  ['not if nobody owns the cause', { cause: 'mail' }, undefined],
  ['not if there is no cause yet', { cause: undefined as never }, undefined],
])('%s', (_, changes, at) => {
  expect(dues(changes).due[0]?.at).toBe(at)
})

test.each<[string, Partial<Incident>, string]>([
  ['in their channel', {}, '#data'],
  ['in the common one, if theirs refuses every message', { refusing: { '#data': 'archived' } }, 'C0123456'],
])('%s', (_, changes, place) => {
  const { board, due } = dues(changes)
  const draft = draftOf(board, rules, T0 + minutes(9))
  due[0]!.act(draft)
  const { timeline, calls } = draft.get(known.id)
  expect(timeline.at(-1)).toEqual({
    at: T0 + minutes(9),
    kind: 'called',
    service: 'db',
    team: 'data',
    place,
    text: 'db has been the probable cause for 8 min: telling @U0DORA of Data',
  })
  expect(calls).toEqual([{ team: 'data', place, entry: timeline.length }])
})
