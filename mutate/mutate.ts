// `npm run mutate FOLDER`: changes the code of a folder in thousands of small ways and says which of them no test misses. Only what has changed since is tried again.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SLOW_TESTS } from '../check/slow-tests.ts'
import { filesIn, importsOf, isRelative, targetOf, textOf } from '../test/architecture/sources.ts'

const ROOT = resolve(import.meta.dirname, '..')
const HERE = import.meta.dirname
/** Words for people: any other sentence would do. */
const WORDS = ['lambda/core/words/', 'lambda/core/notify/slack/']

const [folder, ...more] = process.argv.slice(2)
if (folder === undefined || more.length > 0 || !existsSync(join(ROOT, folder))) {
  process.stderr.write(
    'Name one folder (or file), like: npm run mutate lambda/core/correlate\n' +
      `What is in ${WORDS.join(' and ')} is left out, and so are texts.\n`,
  )
  process.exit(2)
}

const mutated = (folder.endsWith('.ts') ? [folder] : filesIn(folder)).filter(
  (file) => !WORDS.some((words) => file.startsWith(words)),
)
if (mutated.length === 0) {
  process.stderr.write(`${folder} holds words for people only: nothing to change.\n`)
  process.exit(2)
}

/** Does a file need one of these, directly or through others? */
function reaches(targets: ReadonlySet<string>): (file: string) => boolean {
  const known = new Map<string, boolean>()
  const visit = (file: string): boolean => {
    if (targets.has(file)) return true
    const found = known.get(file)
    if (found !== undefined) return found
    known.set(file, false)
    const is = importsOf(textOf(file))
      .filter((one) => isRelative(one) && !one.typeOnly && /\.tsx?$/.test(one.name))
      .some((one) => visit(targetOf(file, one)))
    known.set(file, is)
    return is
  }
  return visit
}

const place = folder.replace('lambda/', 'test/').replace(/\.ts$/, '')
const tests = filesIn('test')
  .filter((file) => file.endsWith('.test.ts') && !SLOW_TESTS.some(({ path }) => file.includes(path)))
  .filter(reaches(new Set(mutated)))
  // Those beside what is changed find most, and find it soonest.
  .toSorted((one, other) => Number(other.startsWith(place)) - Number(one.startsWith(place)))

if (!existsSync(join(HERE, 'node_modules'))) execFileSync('npm', ['ci'], { cwd: HERE, stdio: 'inherit' })

const cache = join(ROOT, '.cache', 'mutate')
mkdirSync(cache, { recursive: true })
const name = folder.replace(/\W+/g, '-')
const options = {
  mutate: mutated,
  tests,
  plugins: [join(HERE, 'runner.ts')],
  testRunner: 'tocsin',
  coverageAnalysis: 'perTest',
  mutator: { excludedMutations: ['StringLiteral'] },
  checkers: [],
  concurrency: 2,
  incremental: true,
  incrementalFile: join(cache, `${name}.incremental.json`),
  tempDirName: join(cache, 'copies'),
  ignorePatterns: ['cdk.out', 'mutate'],
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  jsonReporter: { fileName: join(cache, `${name}.json`) },
  disableTypeChecks: false,
  timeoutMS: 5000,
  timeoutFactor: 3,
  allowEmpty: true,
}
const config = join(cache, `${name}.config.json`)
writeFileSync(config, JSON.stringify(options, null, 2))
const { status } = spawnSync(
  process.execPath,
  [join(HERE, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', config],
  { cwd: ROOT, stdio: 'inherit' },
)
process.exit(status ?? 1)
