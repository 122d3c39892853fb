// Processes that are killed while they work: the runbook's, and `tocsin republish`.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { folderOf, republishedKey } from '../../lambda/runbooks/relieve-queue-backlog/kept.ts'
import type { Death, Order } from './act.ts'
import { BUCKET, PREFIX, VHOST, type World } from './world.ts'

export interface Ended {
  /** `SIGKILL`, or undefined if it ran to the end. */
  signal: string | undefined
  code: number | null
  said: string
}

/** A file that is removed when the test has ended. */
export function newJournal(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-journal-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'journal')
}

const ROOT = resolve(import.meta.dirname, '..', '..')

/** `kill`: from outside, shortly after this becomes true. */
async function started(
  script: string,
  args: string[],
  { environment }: World,
  kill?: () => Promise<boolean>,
): Promise<Ended> {
  const child = spawn('node', [script, ...args], { cwd: ROOT, env: { ...process.env, ...environment, NO_COLOR: '1' } })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const ended = new Promise<Ended>((done, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => done({ code, signal: signal ?? undefined, said: said.trimEnd() }))
  })
  if (kill) {
    while (child.exitCode === null && !(await kill())) await sleep(20)
    await sleep(Math.random() * WHEREVER_MS)
    child.kill('SIGKILL')
  }
  return ended
}

const WHEREVER_MS = 150

/** This many more chunks are stored than at the start. */
export function chunks({ evidence }: World, { run, queue }: Act, more: number): () => Promise<boolean> {
  let first: number | undefined
  return async () => {
    const now = (await evidence.list(folderOf(run, queue))).filter((key) => key.endsWith('.jsonl')).length
    first ??= now
    return now >= first + more
  }
}

/** This many more batches have begun than at the start. */
export function batches({ evidence }: World, run: string, queue: string, more: number): () => Promise<boolean> {
  let first: number | undefined
  return async () => {
    const text = await evidence.get(republishedKey(folderOf(run, queue)))
    const now = text === undefined ? 0 : (JSON.parse(text) as { writes: number }).writes
    first ??= now
    return now >= first + more
  }
}

export interface Act {
  run: string
  journal: string
  queue: string
  options?: Record<string, unknown>
}

export const act = (
  world: World,
  { run, journal, queue, options = {} }: Act,
  death?: Death,
  kill?: () => Promise<boolean>,
): Promise<Ended> => {
  const { api, amqp, username, password } = world.rabbit
  const order: Order = {
    run,
    journal,
    queue,
    options,
    api,
    amqp,
    username,
    password,
    vhost: VHOST,
    ...(death && { death }),
  }
  return started(join(ROOT, 'e2e', 'rabbitmq', 'act.ts'), [JSON.stringify(order)], world, kill)
}

export const republish = (world: World, run: string, args: string[], kill?: () => Promise<boolean>): Promise<Ended> => {
  const { api, amqp, username } = world.rabbit
  const where = ['--api', api, '--amqp', amqp, '--user', username, '--bucket', BUCKET, '--prefix', PREFIX]
  return started(join(ROOT, 'bin', 'tocsin.ts'), ['republish', '--run', run, '--yes', ...where, ...args], world, kill)
}

export function mustEnd({ signal, code, said }: Ended): string {
  if (signal !== undefined || code !== 0)
    throw new Error(`it ended with ${signal ?? code}:\n${said.split('\n').slice(-15).join('\n')}`)
  return said
}

export function mustDie({ signal, said }: Ended): void {
  if (signal !== 'SIGKILL')
    throw new Error(`it was not killed, but came to its end:\n${said.split('\n').slice(-15).join('\n')}`)
}
