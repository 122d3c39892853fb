// Which incidents a place need not look at again.
import { expect, test } from '@jest/globals'
import { UNTOLD, type Told } from '../../../lambda/core/notify/ledger.ts'
import { isQuiet, type Subject } from '../../../lambda/core/notify/next-message.ts'

const subject: Subject & { places: readonly string[] } = {
  id: 'INC-0001',
  status: 'open',
  severity: 'minor',
  firstAt: 0,
  change: 5,
  news: 3,
  isHeld: false,
  places: ['#ops'],
}
const told: Told = { ...UNTOLD, ref: 'C1/1', shown: 5, as: 'open', threaded: 3 }

test.each<[string, Partial<typeof subject>, Told | undefined, boolean]>([
  ['all is said', {}, told, true],
  ['nothing is known of what was told', {}, undefined, false],
  ['it has no message yet', {}, { ...UNTOLD, shown: 5, threaded: 3 }, false],
  ['it was held, and has no message', { isHeld: true }, UNTOLD, false],
  ['it is told in a digest', { digest: 1 }, undefined, true],
  ['it was posted, and is told in a digest', { digest: 1, change: 6 }, told, false],
  ['it changed since', { change: 6 }, told, false],
  ['its thread is behind', { news: 4 }, told, false],
  ['it has lines to link to', { places: ['#ops', '#pay'] }, told, false],
  ['its message may become another one’s line', { status: 'merged' }, { ...told, as: 'merged' }, false],
])('%s', (_, changed, known, expected) => {
  expect(isQuiet({ ...subject, ...changed }, known)).toBe(expected)
})
