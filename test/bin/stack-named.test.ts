// Which stack a command means: the one that is asked for, else that of the config, else Tocsin.
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { stackNamed } from '../../bin/load-config.ts'
import { folder } from './cli.ts'

const dir = await folder()
afterAll(dir.remove)
const whole = { slack: { channel: '#a' }, services: {} }

test.each([
  ['asked for', 'Mine', { ...whole, deploy: { name: 'Staging' } }, 'Mine'],
  ['of the config', undefined, { ...whole, deploy: { name: 'Staging' } }, 'Staging'],
  ['of a config that names none', undefined, whole, 'Tocsin'],
])('the one %s', async (_, given, config, expected) => {
  expect(await stackNamed(given, await dir.write('config.json', config))).toBe(expected)
})

test('Tocsin, where there is no config', async () => {
  expect(await stackNamed(undefined, join(dir.path, 'none.json'))).toBe('Tocsin')
})

test('none, where the config has a mistake: it may mean another one', async () => {
  await expect(
    stackNamed(undefined, await dir.write('bad.json', { ...whole, deploy: { name: 'a b' } })),
  ).rejects.toThrow(/deploy\.name: is no name of a stack/)
})
