// The list of slow tests names only tests that exist.
import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { SLOW_TESTS } from '../check/slow-tests.ts'

test('each slow test is there', () => {
  const tests = readdirSync('test', { recursive: true, encoding: 'utf8' }).map((file) => `test/${file}`)
  for (const { path } of SLOW_TESTS) expect(tests).toContainEqual(expect.stringContaining(path))
})
