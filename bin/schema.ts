// Writes the JSON Schemas of the config and of a drill's world, so that editors can complete them: `npm run schema`.
import { writeFileSync } from 'node:fs'
import { worldSchema } from '../drill/world/plan/check.ts'
import { configSchema } from '../lambda/config.ts'

const SCHEMAS = { '../config.schema.json': configSchema(), '../drill/world.schema.json': worldSchema() }

for (const [file, schema] of Object.entries(SCHEMAS))
  writeFileSync(new URL(file, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`)
