// Starts MiniStack, a third-party AWS emulator, on this machine only; launcher.py corrects what it gets wrong.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { pythonWith } from '../support/python.ts'

const BIN = resolve(import.meta.dirname, '..', '..', 'node_modules', '.bin')
const LAUNCHER = join(import.meta.dirname, 'launcher.py')

export const REGION = 'us-east-1'
export const ACCOUNT = '000000000000'
/** The account's root, as the emulator knows it. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_SESSION_TOKEN: '' }

export interface MiniStack {
  url: string
  /** For every client and command that should talk to it. */
  environment: Record<string, string>
  /** Its output, and that of its functions. */
  log(): string
  stop(): Promise<void>
}

/** `forFunctions`: environment that every deployed function gets in addition to its own. */
export async function startMiniStack(forFunctions: Record<string, string>): Promise<MiniStack> {
  const python = await pythonWith('ministack', join(import.meta.dirname, 'requirements.txt'))
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-ministack-'))
  // In Lambda no package.json above a function says what kind of module it is.
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }')
  const logFile = join(folder, 'log')
  const written = openSync(logFile, 'w')
  const emulator = spawn(python, [LAUNCHER], {
    stdio: ['ignore', written, written],
    // A group of its own: its functions' processes end with it.
    detached: true,
    env: { ...process.env, ...forFunctions, ...settings(port, folder) },
  })
  // Whatever ends this process ends it too.
  const kill = (): void => killGroup(emulator)
  process.once('exit', kill)
  const started: MiniStack = {
    url: `http://127.0.0.1:${port}`,
    environment: environmentFor(port, folder),
    log: () => readFileSync(logFile, 'utf8').trimEnd(),
    async stop() {
      await end(emulator)
      process.off('exit', kill)
      // Processes that were killed may still hold a file for a moment.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
  await isUp(started, emulator)
  return started
}

const settings = (port: number, folder: string): Record<string, string> => ({
  BIND_HOST: '127.0.0.1',
  GATEWAY_PORT: String(port),
  MINISTACK_REGION: REGION,
  MINISTACK_ACCOUNT_ID: ACCOUNT,
  // Signatures and policies are checked: a function may do what its role allows, and nothing else.
  AUTH: 'true',
  ...CREDENTIALS,
  // Its functions run on the node that is first here: the version that Lambda has.
  PATH: [BIN, process.env['PATH']].join(delimiter),
  PYTHONDONTWRITEBYTECODE: '1',
  TMPDIR: folder,
  S3_DATA_DIR: join(folder, 's3'),
  STATE_DIR: join(folder, 'state'),
})

/** None of the person's own AWS settings are used or even found. */
const environmentFor = (port: number, folder: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  ...CREDENTIALS,
  AWS_PROFILE: '',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: join(folder, 'no-config'),
  AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
  NO_PROXY: '127.0.0.1,localhost',
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

const START_SECONDS = 60

/** Stops an emulator that does not come up, and throws with its output. */
async function isUp({ url, log, stop }: MiniStack, emulator: ChildProcess): Promise<void> {
  const late = Date.now() + START_SECONDS * 1000
  while (Date.now() < late && emulator.exitCode === null) {
    const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((done) => setTimeout(done, 100))
  }
  const said = log()
  await stop()
  throw new Error(`MiniStack does not start:\n${said}`)
}

const END_MS = 5_000

async function end(emulator: ChildProcess): Promise<void> {
  if (emulator.exitCode === null && emulator.signalCode === null) {
    const ended = new Promise((done) => emulator.once('exit', done))
    emulator.kill('SIGTERM')
    const late = setTimeout(() => emulator.kill('SIGKILL'), END_MS)
    await ended
    clearTimeout(late)
  }
  killGroup(emulator)
}

/** Including whatever its functions left running. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing was left.
  }
}
