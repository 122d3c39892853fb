// Processes that are killed in the middle of their work: the runbook's, and `tocsin republish`.
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import type { Death, Order } from './act.ts'
import { BUCKET, PREFIX, VHOST, type World } from './world.ts'

export interface Ended {
  /** `SIGKILL`, or undefined where it came to its end. */
  signal: string | undefined
  code: number | null
  said: string
}

const ROOT = resolve(import.meta.dirname, '..', '..')

/** `killAfterMs`: from outside, wherever it is then. */
function started(script: string, args: string[], { environment }: World, killAfterMs?: number): Promise<Ended> {
  const child = spawn('node', [script, ...args], { cwd: ROOT, env: { ...process.env, ...environment, NO_COLOR: '1' } })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const killing = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => {
      clearTimeout(killing)
      done({ code, signal: signal ?? undefined, said: said.trimEnd() })
    })
  })
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
  killAfterMs?: number,
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
  return started(join(ROOT, 'e2e', 'rabbitmq', 'act.ts'), [JSON.stringify(order)], world, killAfterMs)
}

export const republish = (world: World, run: string, args: string[], killAfterMs?: number): Promise<Ended> => {
  const { api, amqp, username } = world.rabbit
  const where = ['--api', api, '--amqp', amqp, '--user', username, '--bucket', BUCKET, '--prefix', PREFIX]
  return started(
    join(ROOT, 'bin', 'tocsin.ts'),
    ['republish', '--run', run, '--yes', ...where, ...args],
    world,
    killAfterMs,
  )
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
