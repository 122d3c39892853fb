// `npm run mutate FOLDER`: changes the code of a folder in many small ways and names the changes that no test notices. Only what changed since the last call is tried again.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { SLOW_TESTS } from '../check/slow-tests.ts'
import { filesIn, importsOf, isRelative, targetOf, textOf } from '../test/architecture/sources.ts'

const ROOT = resolve(import.meta.dirname, '..')
const HERE = import.meta.dirname
/** What people read: a test that holds every wording would only be in the way. */
const WORDING = /^lambda\/core\/(words|notify\/slack)\//
const SOURCES = /^(bin|drill|lambda|lib|local|replay)\//

function stop(why: string): never {
  process.stderr.write(`${why}\nName one folder or file of the sources, like: npm run mutate lambda/core/correlate\n`)
  process.exit(2)
}

const [given, ...more] = process.argv.slice(2)
if (given === undefined) stop('There is no folder to work on.')
if (more.length > 0) stop(`${more.join(' ')}: one folder at a time.`)
if (!existsSync(resolve(given))) stop(`There is no ${given}.`)
const folder = relative(ROOT, resolve(given))
const isFolder = statSync(join(ROOT, folder)).isDirectory()
if (!SOURCES.test(`${folder}/`)) stop(`${given} is not part of the sources.`)

const mutated = (isFolder ? filesIn(folder) : [folder].filter((file) => /\.tsx?$/.test(file))).filter(
  (file) => !WORDING.test(file),
)
if (mutated.length === 0) stop(`${given} has nothing to change: wording is left out.`)

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

if (tests.length === 0)
  stop(`No test reaches ${given}, but for those left out as slow: ${SLOW_TESTS.map(({ path }) => path).join(', ')}.`)

if (!existsSync(join(HERE, 'node_modules'))) execFileSync('npm', ['ci'], { cwd: HERE, stdio: 'inherit' })

const cache = join(ROOT, '.cache', 'mutate')
mkdirSync(cache, { recursive: true })
// Left by a call that was stopped.
rmSync(join(cache, 'copies'), { recursive: true, force: true })
const name = folder.replace(/\W+/g, '-')
const options = {
  mutate: mutated,
  tests,
  plugins: [join(HERE, 'runner.ts')],
  testRunner: 'tocsin',
  coverageAnalysis: 'perTest',
  mutator: { excludedMutations: ['StringLiteral'] },
  // A value that is made when a file is loaded would take a process of its own for each of its changes.
  ignoreStatic: true,
  warnings: { slow: false },
  allowConsoleColors: false,
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
}
const config = join(cache, `${name}.config.json`)
writeFileSync(config, JSON.stringify(options, null, 2))
const { status } = spawnSync(
  process.execPath,
  [join(HERE, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', config],
  { cwd: ROOT, stdio: 'inherit' },
)
process.exit(status ?? 1)
