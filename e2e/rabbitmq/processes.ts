// Processes that are killed while they work: the runbook's, and `tocsin republish`.
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Run } from '../../lambda/core/incident/run.ts'
import { findRun } from '../../lambda/core/remediate/runs.ts'
import { republishedKey } from '../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { same } from '../support/steps.ts'
import type { Death, Order } from './act.ts'
import { tableIn } from './files.ts'
import { BUCKET, folderIn, PREFIX, VHOST, type World } from './world.ts'

export interface Ended {
  /** `SIGKILL`, or undefined if it ran to the end. */
  signal: string | undefined
  code: number | null
  said: string
}

const ROOT = resolve(import.meta.dirname, '..', '..')

/** `kill`: from outside, shortly after this becomes true. */
async function started(
  script: string,
  args: string[],
  { environment }: Pick<World, 'environment'>,
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
    const now = (await evidence.list(await folderIn(evidence, run, queue))).filter((key) =>
      key.endsWith('.jsonl'),
    ).length
    first ??= now
    return now >= first + more
  }
}

/** This many more batches have begun than at the start. */
export function batches({ evidence }: World, run: string, queue: string, more: number): () => Promise<boolean> {
  let first: number | undefined
  return async () => {
    const text = await evidence.get(republishedKey(await folderIn(evidence, run, queue)))
    const now = text === undefined ? 0 : (JSON.parse(text) as { writes: number }).writes
    first ??= now
    return now >= first + more
  }
}

export interface Act {
  run: string
  queue: string
  options?: Record<string, unknown>
  more?: Pick<Order, 'mode' | 'name' | 'throttled'>
}

/** How it dies, if it does: by itself, or from outside. */
type How = [death?: Death | undefined, kill?: () => Promise<boolean>]

export const act = (
  { rabbit, folder, environment }: World,
  { run, queue, options = {}, more = {} }: Act,
  ...[death, kill]: How
): Promise<Ended> => {
  const { api, amqp, username, password } = rabbit
  const broker = { api, amqp, username, password, vhost: VHOST }
  const order: Order = { run, folder, queue, options, ...more, ...broker, ...(death && { death }) }
  return started(join(ROOT, 'e2e', 'rabbitmq', 'act.ts'), [JSON.stringify(order)], { environment }, kill)
}

/** As the board has it. */
export const runOf = async ({ folder }: World, { run }: Act): Promise<Run | undefined> =>
  findRun(await readBoard(await tableIn(folder)), run)?.run

/** Killed on its way; the board still shows it as under way. */
export async function actAndDie(world: World, job: Act, ...how: How): Promise<void> {
  mustDie(await act(world, job, ...how))
  same('the run', (await runOf(world, job))?.status, 'running')
}

/** Carried out to its end: so many steps, and it helped. */
export async function actToTheEnd(world: World, job: Act, steps: number): Promise<string> {
  const said = mustEnd(await act(world, job))
  const run = await runOf(world, job)
  const statuses = [run?.status, ...(run?.steps ?? []).map(({ status }) => status)]
  same('the run and its steps', statuses, ['succeeded', ...Array.from({ length: steps }, () => 'done')])
  return said
}

export const republish = (world: World, run: string, args: string[], kill?: () => Promise<boolean>): Promise<Ended> => {
  const { api, amqp, username } = world.rabbit
  const where = ['--api', api, '--amqp', amqp, '--user', username, '--bucket', BUCKET, '--prefix', PREFIX]
  return started(join(ROOT, 'bin', 'tocsin.ts'), ['republish', '--run', run, '--yes', ...where, ...args], world, kill)
}

export function mustEnd({ signal, code, said }: Ended): string {
  if (signal !== undefined || code !== 0) throw new Error(`it ended with ${signal ?? code}:\n${endOf(said)}`)
  return said
}

/** It came to its end, but not to what it was started for. */
export function mustFail({ signal, code, said }: Ended): string {
  if (code !== 1) throw new Error(`it ended with ${signal ?? code} instead of 1:\n${endOf(said)}`)
  return said
}

export function mustDie({ signal, said }: Ended): void {
  if (signal !== 'SIGKILL') throw new Error(`it was not killed, but came to its end:\n${endOf(said)}`)
}

const endOf = (said: string): string => said.split('\n').slice(-15).join('\n')
