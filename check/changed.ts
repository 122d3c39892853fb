// `npm run check`: types, and lint, format and tests of what has changed since the branch left main. For every change; `npm test` before a push.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { all, format, run, sources, tests } from './part.ts'
import { SLOW_TESTS } from './slow-tests.ts'

const git = (...args: string[]): string[] =>
  execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter((line) => line !== '')

/** The commit that the branch and main have in common; the last commit if there is no main. */
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
/** A slow test that has itself changed runs anyway. */
const left = SLOW_TESTS.filter(({ path }) => !changed.some((file) => file.includes(path)))
const ignored = left.flatMap(({ path }) => ['--testPathIgnorePatterns', path.replaceAll('.', '\\.')])

if (changed.length === 0) process.stderr.write('Nothing has changed.\n')
const said = all([
  run('Types and lint', sources(changed.filter((file) => /\.[cm]?[jt]sx?$/.test(file)))),
  ...(changed.length > 0 ? [run('Format', format(changed))] : []),
  run('Tests', tests(['--changedSince', since, '--passWithNoTests', ...ignored]), true),
])
process.stderr.write('Left out as slow; npm test runs them:\n')
for (const { path, since } of left) process.stderr.write(`  ${path.padEnd(16)} ${since}\n`)
await said
