// Runs the tests for Stryker without Jest: Jest would load every file anew for each mutant, some seconds each.
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import type { InstrumenterContext, StrykerOptions } from '@stryker-mutator/api/core'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
  type CompleteDryRunResult,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner'
import { globals, load, runBlock, type Run } from './suite.ts'

/** What the mutated code asks for. */
const context: InstrumenterContext = ((globalThis as Record<string, unknown>)['__stryker__'] ??= {})

Object.assign(globalThis, globals)
const names = Object.keys(globals).join(', ')
const asModule = `data:text/javascript,export const { ${names} } = globalThis`
registerHooks({
  resolve: (name, about, next) =>
    name === '@jest/globals' ? { url: asModule, shortCircuit: true } : next(name, about),
})

/** A promise that nobody waits for fails the test in which it is found. */
let stray: string | undefined
process.on('unhandledRejection', (reason) => (stray = `nobody waits for: ${String(reason)}`))

type Suite = Awaited<ReturnType<typeof load>>[]
type Coverage = Record<string, number>

/** What the code of a hook covers counts for all tests that the hook is for. */
class Covered {
  readonly #hooks = new Map<string, readonly string[]>()

  readonly now = (tests: readonly string[]): void => {
    const id = tests.length === 1 ? tests[0]! : `hooks ${this.#hooks.size}`
    if (tests.length > 1) this.#hooks.set(id, tests)
    context.currentTestId = id
  }

  end(): Pick<CompleteDryRunResult, 'mutantCoverage'> {
    delete context.currentTestId
    const { mutantCoverage } = context
    if (!mutantCoverage) return {}
    const perTest: Record<string, Coverage> = {}
    for (const [id, covered] of Object.entries(mutantCoverage.perTest))
      for (const test of this.#hooks.get(id) ?? [id])
        for (const [mutant, times] of Object.entries(covered)) {
          const counted = (perTest[test] ??= {})
          counted[mutant] = (counted[mutant] ?? 0) + times
        }
    return { mutantCoverage: { static: mutantCoverage.static, perTest } }
  }
}

class Runner implements TestRunner {
  static inject = tokens(commonTokens.options)
  readonly #files: string[]
  #suite?: Promise<Suite>
  /** A mutant left something behind: a test fails without it as well. */
  #isSpoiled = false

  constructor(options: StrykerOptions) {
    this.#files = options['tests'] as string[]
  }

  /** A mutant of what runs while files are loaded gets a process of its own. */
  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false }
  }

  async dryRun(): Promise<DryRunResult> {
    try {
      const covered = new Covered()
      const result = await this.#run({ bail: false, now: covered.now })
      return { ...result, ...covered.end() }
    } catch (error) {
      return { status: DryRunStatus.Error, errorMessage: String((error as Error).stack) }
    }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, disableBail }: MutantRunOptions): Promise<MutantRunResult> {
    // Stryker starts another process and asks it again.
    if (this.#isSpoiled) process.exit(1)
    Object.assign(context, {
      activeMutant: activeMutant.id,
      hitLimit,
      hitCount: hitLimit === undefined ? undefined : 0,
    })
    const quiet = { now: () => undefined }
    try {
      const only = testFilter && { only: new Set(testFilter) }
      const tests = await this.#run({ ...quiet, ...only, bail: !disableBail })
      const result = toMutantRunResult(determineHitLimitReached(context.hitCount, hitLimit) ?? tests)
      delete context.activeMutant
      if (result.status !== MutantRunStatus.Killed) return result
      const again = await this.#run({ ...quiet, only: new Set(result.killedBy), bail: false })
      this.#isSpoiled = again.tests.some(({ status }) => status === TestStatus.Failed)
      return result
    } catch (error) {
      this.#isSpoiled = true
      return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: String(error), nrOfTests: 0 }
    }
  }

  async #run(run: Run): Promise<CompleteDryRunResult> {
    const tests: CompleteDryRunResult['tests'] = []
    this.#suite ??= this.#load()
    for (const block of await this.#suite) {
      stray = undefined
      for (const { id, ms, failure = stray } of await runBlock(block, run)) {
        const about = { id, name: id, fileName: block.name, timeSpentMs: ms }
        if (failure === undefined) tests.push({ ...about, status: TestStatus.Success })
        else tests.push({ ...about, status: TestStatus.Failed, failureMessage: failure })
      }
      if (run.bail && tests.some(({ status }) => status === TestStatus.Failed)) break
    }
    return { status: DryRunStatus.Complete, tests }
  }

  async #load(): Promise<Suite> {
    const suite = []
    for (const file of this.#files) suite.push(await load(join(process.cwd(), file), file))
    return suite
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'tocsin', Runner)]
/** The key of the options that holds the test files. */
export const strykerValidationSchema = { properties: { tests: { type: 'array', items: { type: 'string' } } } }
