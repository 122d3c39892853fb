// Commands as a person types them, in the project's folder, against the emulator.
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'

export interface Ran {
  code: number
  stdout: string
  /** Both outputs, interleaved as they came. */
  said: string
}

const ROOT = resolve(import.meta.dirname, '..', '..')
const BIN = join(ROOT, 'node_modules', '.bin')

/** Each test has its own: two of them must not overwrite each other's. */
const OUTPUT = join(ROOT, 'cdk.out', `walk-${process.pid}`)

export type Command = (args: readonly string[], input?: string) => Promise<Ran>

/** `environment`: where AWS is. `ended`: when none may run any longer. `input`: what a person would type. Without npx, which costs half a second. */
export const commands = (
  environment: Record<string, string>,
  ended: AbortSignal,
): { cdk: Command; tocsin: Command } => ({
  cdk: (args, input) =>
    run([join(BIN, 'cdk'), ...args, '--output', OUTPUT, '--no-notices', '--no-color'], { environment, ended }, input),
  tocsin: (args, input) => run([join('bin', 'tocsin.ts'), ...args], { environment, ended }, input),
})

interface Surroundings {
  environment: Record<string, string>
  ended: AbortSignal
}

function run(args: readonly string[], { environment, ended }: Surroundings, input = ''): Promise<Ran> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    signal: ended,
    env: { ...process.env, ...environment, CDK_DISABLE_CLI_TELEMETRY: 'true', CI: 'true', NO_COLOR: '1' },
  })
  let [stdout, said] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    said += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (code) => done({ code: code ?? 1, stdout: stdout.trim(), said: said.trim() }))
  })
}

/** Throws with the end of its output if it failed. */
export async function succeeds(what: string, running: Promise<Ran>): Promise<Ran> {
  const ran = await running
  if (ran.code !== 0)
    throw new Error(`${what} ended with ${ran.code}:\n${ran.said.split('\n').slice(-LINES).join('\n')}`)
  return ran
}

const LINES = 30
