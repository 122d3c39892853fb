// The published schema is the one that checks the config.
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { configSchema } from '../lambda/config.ts'

test('config.schema.json is current; npm run schema writes it', () => {
  const published: unknown = JSON.parse(readFileSync(new URL('../config.schema.json', import.meta.url), 'utf8'))
  expect(published).toEqual(JSON.parse(JSON.stringify(configSchema())))
})
