// Starts MiniStack, an emulator of AWS that others wrote, on this machine only; what it gets wrong is put right by launcher.py.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const HERE = import.meta.dirname
const ROOT = resolve(HERE, '..', '..')
const BIN = join(ROOT, 'node_modules', '.bin')

export interface MiniStack {
  url: string
  /** For every client and command that should talk to it. */
  environment: Record<string, string>
  /** What it said, and what its functions did. */
  log(): string
  stop(): Promise<void>
}

export const REGION = 'us-east-1'
export const ACCOUNT = '000000000000'
/** The account's root, as the emulator knows it. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_SESSION_TOKEN: '' }

/** `forFunctions`: environment that every deployed function finds beside its own. */
export async function startMiniStack(forFunctions: Record<string, string>): Promise<MiniStack> {
  const python = await installed()
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-ministack-'))
  // In Lambda no package.json above a function says what kind of module it is.
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }')
  const logFile = join(folder, 'log')
  const url = `http://127.0.0.1:${port}`
  const written = openSync(logFile, 'w')
  const emulator = spawn(python, [join(HERE, 'launcher.py')], {
    stdio: ['ignore', written, written],
    // A group of its own: its functions' processes end with it.
    detached: true,
    env: {
      ...process.env,
      ...forFunctions,
      // Its functions run on the node that is first here: the version that Lambda has.
      PATH: [BIN, process.env['PATH']].join(delimiter),
      PYTHONDONTWRITEBYTECODE: '1',
      TMPDIR: folder,
      BIND_HOST: '127.0.0.1',
      // Signatures and policies are checked: a function may do what its role allows, and nothing else.
      AUTH: 'true',
      ...CREDENTIALS,
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: REGION,
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      S3_DATA_DIR: join(folder, 's3'),
      STATE_DIR: join(folder, 'state'),
    },
  })
  const stop = async (): Promise<void> => {
    await end(emulator)
    rmSync(folder, { recursive: true, force: true })
  }
  const log = (): string => readFileSync(logFile, 'utf8').trimEnd()
  try {
    await isUp(url, emulator)
  } catch (error) {
    const said = log()
    await stop()
    throw new Error(`${(error as Error).message}\n${said}`)
  }
  return { url, log, stop, environment: environmentFor(url, folder) }
}

/** Nothing of the person's own AWS settings may be used, nor found. */
const environmentFor = (url: string, folder: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  ...CREDENTIALS,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: join(folder, 'no-config'),
  AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
})

/** A Python that has MiniStack: made once, kept with the other caches. Returns its path. */
async function installed(): Promise<string> {
  const requirements = join(HERE, 'requirements.txt')
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(ROOT, 'node_modules', '.cache', 'ministack', version)
  const python = join(folder, 'bin', 'python')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return python
  rmSync(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder]).catch((error: Error) => {
    throw new Error(`Python cannot make a virtual environment: install python3 and python3-venv.\n${error.message}`)
  })
  await run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--require-hashes',
    '-r',
    requirements,
  ])
  writeFileSync(complete, '')
  return python
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

const START_SECONDS = 60

async function isUp(url: string, emulator: ChildProcess): Promise<void> {
  for (let tries = 0; tries < START_SECONDS * 10; tries++) {
    if (emulator.exitCode !== null) throw new Error('MiniStack ended at once:')
    const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`MiniStack did not answer within ${START_SECONDS} seconds:`)
}

async function end(emulator: ChildProcess): Promise<void> {
  const ended = new Promise((done) => emulator.once('exit', done))
  if (emulator.exitCode === null && emulator.signalCode === null) {
    process.kill(emulator.pid!, 'SIGTERM')
    const late = setTimeout(() => process.kill(emulator.pid!, 'SIGKILL'), 5_000)
    await ended
    clearTimeout(late)
  }
  // What its functions left running.
  try {
    process.kill(-emulator.pid!, 'SIGKILL')
  } catch {
    // Nothing was left.
  }
}
