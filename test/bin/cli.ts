// Runs the command line as a person would, in a folder of its own.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

/** Lambda's Node, whatever runs the tests. */
const NODE = resolve('node_modules/.bin/node')
const TOCSIN = resolve('bin/tocsin.ts')
/** Otherwise each run would compile the same sources again: half of its time. */
const COMPILED = resolve('node_modules/.cache/tocsin/compiled')

export interface Folder {
  path: string
  /** Strings as they are, anything else as JSON. Returns the file's path. */
  write(name: string, content: unknown): Promise<string>
  run(...args: string[]): Promise<Ran>
  /** With something on stdin, and stopped as soon as its output contains `until`. */
  runWith(given: { input?: string; until?: string }, ...args: string[]): Promise<Ran>
  remove(): Promise<void>
}

/** `environment`: in addition to its own; read again for each run. */
export async function folder(environment: Record<string, string> = {}): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'tocsin-'))
  return {
    path,
    async write(name, content) {
      const file = join(path, name)
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
      return file
    },
    run: (...args) => run(path, environment, {}, args),
    runWith: (given, ...args) => run(path, environment, given, args),
    remove: () => rm(path, { recursive: true }),
  }
}

const run = (
  cwd: string,
  environment: Record<string, string>,
  { input, until }: { input?: string; until?: string },
  args: string[],
): Promise<Ran> =>
  new Promise((done, fail) => {
    const stdin = input === undefined ? 'ignore' : 'pipe'
    const child = spawn(NODE, [TOCSIN, ...args], {
      cwd,
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...environment },
      stdio: [stdin, 'pipe', 'pipe'],
    })
    const ran: Ran = { code: null, stdout: '', stderr: '' }
    child.stdout!.on('data', (chunk: Buffer) => {
      ran.stdout += chunk.toString()
      if (until !== undefined && !child.killed && ran.stdout.includes(until)) child.kill('SIGINT')
    })
    child.stderr!.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()))
    child.stdin?.end(input)
    child.on('error', fail)
    child.on('close', (code) => done({ ...ran, code }))
  })
