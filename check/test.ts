// `npm test`, the whole check: types, lint, format and every test, in parallel. Whatever follows `--` goes to Jest.
import { all, format, run, sources, tests } from './part.ts'

await all([
  run('Types and lint', sources(['.'])),
  run('Format', format(['.'])),
  run('Tests', tests(process.argv.slice(2)), true),
])
