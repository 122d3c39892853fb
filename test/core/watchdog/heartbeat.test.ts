// How far did the heartbeat get? A table of what the board shows and what the watchdog concludes.
import { describe, expect, test } from '@jest/globals'
import {
  heartbeatAlarm,
  HEARTBEAT_MOST_MS,
  markAnswer,
  markHeartbeat,
  passage,
  rung,
  withoutOwn,
  type Heartbeat,
} from '../../../lambda/core/watchdog/heartbeat.ts'
import { OWN_ALARMS } from '../../../lambda/core/facts/own-alarms.ts'
import { emptyBoard, type Board } from '../../../lambda/core/incident/board.ts'
import { draftOf, type Draft } from '../../../lambda/core/incident/draft.ts'
import type { Reading } from '../../../lambda/core/intake/envelopes.ts'
import { rulesOf } from '../../../lambda/core/services/rules.ts'
import { rulesFor } from '../incidents.ts'

const T = Date.parse('2026-03-01T12:00:00Z')
const LATE = T + HEARTBEAT_MOST_MS

describe('a passage', () => {
  test.each<[string, Heartbeat | undefined, number, string | RegExp]>([
    ['nothing yet', undefined, T + 1000, 'under way'],
    ['only the one before', { at: T - 900_000, takenInAt: T - 899_000, askedAt: T - 898_000 }, T + 1000, 'under way'],
    ['taken in', { at: T + 100, takenInAt: T + 900 }, T + 1000, 'under way'],
    ['answered', { at: T + 100, takenInAt: T + 900, askedAt: T + 1500 }, T + 2000, 'passed'],
    [
      'answered, by a clock that is behind',
      { at: T - 4000, takenInAt: T + 900, askedAt: T + 1500 },
      T + 2000,
      'passed',
    ],
    ['answered just in time', { at: T, takenInAt: T + 1, askedAt: LATE - 1 }, LATE, 'passed'],
    [
      'refused',
      { at: T, takenInAt: T + 1, askedAt: T + 2, refused: 'Slack is not connected yet' },
      T + 3,
      /not connected/,
    ],
    ['nothing for 75 seconds', undefined, LATE, /did not come to intake within 75 seconds/],
    [
      'only the one before, for 75 seconds',
      { at: T - 900_000, takenInAt: 1, askedAt: 2 },
      LATE,
      /did not come to intake/,
    ],
    ['taken in and no more, for 75 seconds', { at: T, takenInAt: T + 1 }, LATE, /notify did not answer/],
  ])('with %s', (_, heartbeat, now, expected) => {
    const found = passage(heartbeat, T, now)
    if (typeof expected === 'string') expect(found.is).toBe(expected)
    else expect(found).toMatchObject({ is: 'lost', why: expect.stringMatching(expected) })
  })

  test('says how long each hop took', () => {
    expect(passage({ at: T + 250, takenInAt: T + 900, askedAt: T + 1500 }, T, T + 2000)).toEqual({
      is: 'passed',
      hops: { eventSeconds: 0.25, intakeSeconds: 0.65, notifySeconds: 0.6 },
    })
  })
})

const alarm = (name: string, key: string, state: 'ALARM' | 'OK', at = T): Reading => ({
  is: 'alarm',
  change: { key, name, state, at },
})

describe('intake', () => {
  test.each<[string, Reading[], number | undefined]>([
    ['its own heartbeat', [alarm(heartbeatAlarm('Tocsin'), 'mine', 'ALARM')], T],
    [
      'the newest of several',
      [alarm(heartbeatAlarm('Tocsin'), 'mine', 'ALARM', T + 5), alarm(heartbeatAlarm('Tocsin'), 'mine', 'ALARM')],
      T + 5,
    ],
    ['no end of one', [alarm(heartbeatAlarm('Tocsin'), 'mine', 'OK')], undefined],
    ['none of another Tocsin', [alarm(heartbeatAlarm('Tocsin'), 'theirs', 'ALARM')], undefined],
    ['no other alarm', [alarm('disk', 'disk', 'ALARM')], undefined],
  ])('hears %s', (_, readings, expected) => {
    expect(rung(readings, 'mine')).toBe(expected)
  })

  test('hears no heartbeat where there is none', () => {
    expect(rung([alarm(heartbeatAlarm('Tocsin'), 'mine', 'ALARM')], undefined)).toBeUndefined()
  })

  test.each([heartbeatAlarm('Tocsin'), `${OWN_ALARMS}dead letters of intake`])('ignores %s, and says why', (name) => {
    expect(withoutOwn(alarm(name, 'any', 'ALARM'), rulesFor({}))).toMatchObject({
      is: 'ignored',
      reason: expect.stringContaining('e-mail'),
    })
  })

  test('hears of one that another account calls so', () => {
    const rules = rulesOf(rulesFor({}).config, { account: '111122223333' })
    const posing = alarm(heartbeatAlarm('Tocsin'), 'any', 'ALARM')
    if (posing.is === 'alarm') posing.change.account = '444455556666'
    expect(withoutOwn(posing, rules)).toBe(posing)
  })

  test('leaves every other alarm as it is', () => {
    for (const reading of [alarm('Tocsin', 'a', 'ALARM'), alarm('disk of Tocsin itself: full', 'b', 'OK')])
      expect(withoutOwn(reading, rulesFor({}))).toBe(reading)
  })

  test('marks a heartbeat once: the same again and an older one change nothing', () => {
    const board = marked({}, T + 10, (draft) => markHeartbeat(draft, T))
    expect(board.heartbeat).toEqual({ at: T, takenInAt: T + 10 })
    for (const at of [T, T - 1, undefined])
      expect(marked(board, T + 20, (draft) => markHeartbeat(draft, at)).heartbeat).toBe(board.heartbeat)
  })
})

test('an answer to a heartbeat that is not the newest any more is dropped', () => {
  const board = marked({}, T + 10, (draft) => markHeartbeat(draft, T))
  const answered = marked(board, T + 20, (draft) => markAnswer(draft, T, undefined))
  expect(answered.heartbeat).toEqual({ at: T, takenInAt: T + 10, askedAt: T + 20 })
  expect(marked(board, T + 20, (draft) => markAnswer(draft, T - 1, undefined)).heartbeat).toBe(board.heartbeat)
})

function marked(board: Partial<Board>, now: number, mark: (draft: Draft) => void): Board {
  const draft = draftOf({ ...emptyBoard(), ...board }, rulesFor({}), now)
  mark(draft)
  return draft.board
}
