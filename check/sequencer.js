// The order of the tests: slow ones first, so that none is still running when all others have finished.
import { relative } from 'node:path'
import Sequencer from '@jest/test-sequencer'
import { SLOW_TESTS } from './slow-tests.ts'

const placeOf = (test) => {
  const place = SLOW_TESTS.findIndex(({ path }) => relative('', test.path).includes(path))
  return place === -1 ? SLOW_TESTS.length : place
}

export default class SlowFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}
