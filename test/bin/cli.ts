// Runs the command line as a person does, in a folder of its own.
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

export interface Folder {
  path: string
  /** Strings as they are, anything else as JSON. Returns the file's path. */
  write(name: string, content: unknown): Promise<string>
  run(...args: string[]): Promise<Ran>
  remove(): Promise<void>
}

export async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'tocsin-'))
  return {
    path,
    async write(name, content) {
      const file = join(path, name)
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
      return file
    },
    run: (...args) =>
      new Promise((done, fail) => {
        const child = spawn(NODE, [TOCSIN, ...args], { cwd: path, stdio: ['ignore', 'pipe', 'pipe'] })
        const ran: Ran = { code: null, stdout: '', stderr: '' }
        child.stdout.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()))
        child.stderr.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()))
        child.on('error', fail)
        child.on('close', (code) => done({ ...ran, code }))
      }),
    remove: () => rm(path, { recursive: true }),
  }
}
