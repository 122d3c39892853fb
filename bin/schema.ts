// Writes the config's JSON Schema, so that editors complete a JSON config: `npm run schema`.
import { writeFileSync } from 'node:fs'
import { configSchema } from '../lambda/config.ts'

const file = new URL('../config.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(configSchema(), null, 2)}\n`)
