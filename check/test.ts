// `npm test`, the whole check: types, lint, format and every test, side by side. What stands behind `--` goes to jest.
import { all, format, run, sources, tests } from './part.ts'

await all([
  run('Types and lint', sources(['.'])),
  run('Format', format(['.'])),
  run('Tests', tests(process.argv.slice(2)), true),
])
