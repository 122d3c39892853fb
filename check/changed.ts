// `npm run check`: types, and the lint, format and tests of what has changed since the branch left main. For every change; `npm test` before a push.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { all, format, run, sources, tests } from './part.ts'
import { SLOW_TESTS } from './slow-tests.ts'

const git = (...args: string[]): string[] =>
  execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter((line) => line !== '')

/** The commit that the branch and main have in common; the last commit where there is no main. */
function base(): string {
  for (const main of ['main', 'origin/main'])
    try {
      return git('merge-base', 'HEAD', main)[0]!
    } catch {
      continue
    }
  return 'HEAD'
}

const since = base()
const changed = [...git('diff', '--name-only', since), ...git('ls-files', '--others', '--exclude-standard')].filter(
  (file) => existsSync(file),
)
const left = SLOW_TESTS.filter((file) => !changed.includes(file))
const ignored = left.flatMap((file) => ['--testPathIgnorePatterns', file.replaceAll('.', '\\.')])

if (changed.length === 0) process.stderr.write('Nothing has changed.\n')
await all([
  run('Types and lint', sources(changed.filter((file) => /\.[cm]?[jt]sx?$/.test(file)))),
  ...(changed.length > 0 ? [run('Format', format(changed))] : []),
  run('Tests', tests(['--changedSince', since, '--passWithNoTests', ...ignored]), true),
])
process.stderr.write(`Left out, since they are slow (npm test runs them): ${left.join(', ')}\n`)
