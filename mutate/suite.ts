// The part of Jest that the tests use, in this process: a test file is loaded once, and its tests run as often as there are mutants.
import { bind } from 'jest-each'
import { expect } from 'expect'

type Work = (...args: never[]) => unknown
type When = 'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll'

interface Block {
  name: string
  parent?: Block
  hooks: Record<When, Work[]>
  parts: (Block | Test)[]
}

export interface Test {
  /** Of its file, its blocks and itself. */
  id: string
  run: Work
}

const blockOf = (name: string, parent?: Block): Block => ({
  name,
  ...(parent && { parent }),
  hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] },
  parts: [],
})

let current = blockOf('')

const nameOf = (block: Block): string => (block.parent ? `${nameOf(block.parent)} ${block.name}` : block.name)

function test(name: string, run: Work): void {
  current.parts.push({ id: `${nameOf(current)} ${name}`, run })
}

function describe(name: string, define: Work): void {
  const block = blockOf(name, current)
  current.parts.push(block)
  current = block
  define()
  current = block.parent!
}

const skip = (): void => undefined
const eachOf = (make: (name: string, work: Work) => void) => bind(make as never)
const hook = (when: When) => (run: Work) => void current.hooks[when].push(run)

/** As `@jest/globals` has them. */
export const globals = {
  expect,
  test: Object.assign(test, { each: eachOf(test), skip }),
  it: Object.assign(test, { each: eachOf(test), skip }),
  describe: Object.assign(describe, { each: eachOf(describe), skip }),
  beforeAll: hook('beforeAll'),
  beforeEach: hook('beforeEach'),
  afterEach: hook('afterEach'),
  afterAll: hook('afterAll'),
  jest: { setTimeout: skip },
}

/** The tests of a file, as one block. */
export async function load(file: string, name: string): Promise<Block> {
  current = blockOf(name)
  const whole = current
  await import(file)
  return whole
}

export interface Outcome {
  id: string
  ms: number
  /** Why it failed; undefined if it passed. */
  failure?: string
}

export interface Run {
  /** All where it is undefined. */
  only?: ReadonlySet<string>
  /** Ends after the first that fails. */
  bail: boolean
  /** The tests for which the code works that runs now. */
  now(tests: readonly string[]): void
}

const isTest = (part: Block | Test): part is Test => 'id' in part

const idsOf = (part: Block | Test, only?: ReadonlySet<string>): string[] => {
  if (!isTest(part)) return part.parts.flatMap((inner) => idsOf(inner, only))
  return !only || only.has(part.id) ? [part.id] : []
}

const because = (error: unknown): string => (error instanceof Error ? error.message : String(error)) || 'failed'

const NOTHING = { before: [] as Work[], after: [] as Work[] }

/** Runs what is wanted of a block, and its hooks only where something of it is. */
export async function runBlock(block: Block, run: Run, outer = NOTHING): Promise<Outcome[]> {
  const wanted = idsOf(block, run.only)
  if (wanted.length === 0) return []
  const outcomes: Outcome[] = []
  const before = [...outer.before, ...block.hooks.beforeEach]
  const after = [...block.hooks.afterEach, ...outer.after]
  try {
    run.now(wanted)
    for (const work of block.hooks.beforeAll) await work()
    for (const part of block.parts) {
      if (idsOf(part, run.only).length === 0) continue
      if (isTest(part)) outcomes.push(await runTest(part, run, { before, after }))
      else outcomes.push(...(await runBlock(part, run, { before, after })))
      if (run.bail && outcomes.some(({ failure }) => failure !== undefined)) break
    }
    run.now(wanted)
    for (const work of block.hooks.afterAll) await work()
  } catch (error) {
    outcomes.push({ id: wanted[0]!, ms: 0, failure: because(error) })
  }
  return outcomes
}

async function runTest(test: Test, run: Run, { before, after }: typeof NOTHING): Promise<Outcome> {
  run.now([test.id])
  const began = performance.now()
  let failure: string | undefined
  try {
    for (const work of before) await work()
    await test.run()
  } catch (error) {
    failure = because(error)
  }
  for (const work of after) await work()
  return { id: test.id, ms: performance.now() - began, ...(failure !== undefined && { failure }) }
}
