// One part of a check: a command of its own, run in parallel with the others.
import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'

/** The Node of this process, with room for many short-lived objects: a compiler and a test run then collect garbage less often. */
const node = (...args: string[]): string[] => [process.execPath, '--max-semi-space-size=64', ...args]
const installed = (path: string): string => `node_modules/${path}`

export const sources = (files: string[]): string[] => node('check/source.ts', ...files)
export const format = (files: string[]): string[] =>
  node(installed('prettier/bin/prettier.cjs'), '--check', '--ignore-unknown', ...files)
export const tests = (args: string[]): string[] =>
  node('--experimental-vm-modules', '--no-warnings', installed('jest/bin/jest.js'), ...args)

/** The tests wait for browsers and clocks; these take the processor time left over. */
const AFTER_THE_TESTS = 10

/** Reports how it went as soon as it has ended. `live`: its output is shown as it comes, and it has priority over the others. */
export function run(title: string, [command, ...args]: string[], live = false): Promise<boolean> {
  const began = performance.now()
  return new Promise((resolve) => {
    const child = spawn(command!, args, { stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'] })
    if (!live && child.pid !== undefined) setPriority(child.pid, AFTER_THE_TESTS)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.on('close', (code) => {
      const seconds = Math.round((performance.now() - began) / 1000)
      if (code !== 0) process.stderr.write(said)
      process.stderr.write(`${title}: ${code === 0 ? 'passed' : 'FAILED'} after ${seconds} s\n`)
      resolve(code === 0)
    })
  })
}

/** Ends this process the way its parts ended. */
export async function all(parts: Promise<boolean>[]): Promise<void> {
  if ((await Promise.all(parts)).includes(false)) process.exitCode = 1
}
