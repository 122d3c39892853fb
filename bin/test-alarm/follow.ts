// Follows one test alarm from CloudWatch to Slack and back, hop by hop; whatever happens, the alarm is gone at the end.
import { deleteAlarm, putTestAlarm, setAlarm, stateOf } from '../aws/alarms.ts'
import { tableCalled } from '../aws/board.ts'
import { output, type Stack } from '../aws/stack.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { milliseconds, WIDTH, wrap } from '../terminal/words.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { hopsOf, type Hop, type Trace } from './hops.ts'

export interface TestAlarm {
  alarm: string
  /** ARNs that the alarm notifies. */
  actions: string[]
  stack: Stack
  /** For each hop. */
  timeoutMs: number
  /** Set if somebody is called as well. */
  config?: Config | undefined
}

/** How often it polls: what it reads costs fractions of a cent, and a hop takes hundreds of milliseconds. */
const LOOK_EVERY_MS = 200
const INTERRUPTED = 130

/** Returns the exit code. */
export async function follow(test: TestAlarm, terminal: Terminal): Promise<number> {
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    return await run(test, terminal, stop.signal)
  } finally {
    terminal.waiting()
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await clear(test.alarm, terminal)
  }
}

async function run(
  { alarm, actions, stack, timeoutMs, config }: TestAlarm,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  await putTestAlarm(alarm, actions)
  const made = await stateOf(alarm)
  const trace: Trace = { alarm, arn: made?.arn ?? '', table: tableCalled(output(stack, 'TableName')), stack }
  const startedAt = performance.now()
  await setAlarm(alarm, 'ALARM', 'tocsin test-alarm')
  let before = startedAt
  for (const hop of hopsOf(config)) {
    const found = await wait(hop, trace, { timeoutMs, terminal, signal })
    terminal.waiting()
    if (signal.aborted) return INTERRUPTED
    if (found === undefined) return lost(hop, trace, terminal)
    const now = performance.now()
    await terminal.print(lineOf(hop.name, now - before, found))
    before = now
    if (hop.isArrival)
      await terminal.print(lineOf('together', now - startedAt, 'from the alarm to the message', terminal))
  }
  return 0
}

/** Undefined when time is up. */
async function wait(
  hop: Hop,
  trace: Trace,
  { timeoutMs, terminal, signal }: { timeoutMs: number; terminal: Terminal; signal: AbortSignal },
): Promise<string | undefined> {
  await hop.begin?.(trace)
  const startedAt = Date.now()
  let deadline = startedAt + timeoutMs
  for (;;) {
    const { found, notBefore } = await hop.look(trace)
    if (found !== undefined || signal.aborted) return found
    // A message held back on purpose is not late.
    if (notBefore !== undefined) deadline = Math.max(deadline, notBefore + timeoutMs)
    if (Date.now() > deadline) return undefined
    const held =
      notBefore === undefined
        ? ''
        : ` (not before ${new Date(notBefore).toISOString().slice(11, 19)} UTC, by ${hop.heldBy})`
    terminal.waiting(`  … ${hop.name}: ${Math.round((Date.now() - startedAt) / 1000)} s${held}`)
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS))
  }
}

const NAME = 18
const TIME = 9

function lineOf(name: string, ms: number, found: string, bold?: Pick<Terminal, 'paint'>): string {
  const time = milliseconds(ms).padStart(TIME)
  return `  ${name.padEnd(NAME)}${bold ? bold.paint('bold', time) : time}  ${wrap(found, WIDTH, NAME + TIME + 4)}\n`
}

async function lost(hop: Hop, trace: Trace, terminal: Terminal): Promise<number> {
  await terminal.print(`\n  ${terminal.paint('red', `${hop.name}: this did not happen in time.`)}\n`)
  for (const advice of await hop.advice(trace)) await terminal.print(`  → ${wrap(advice, WIDTH, 4)}\n`)
  return 1
}

/** Sets OK first, so that its incident ends. */
async function clear(alarm: string, terminal: Terminal): Promise<void> {
  try {
    const left = await stateOf(alarm)
    if (!left) return
    if (left.state === 'ALARM') await setAlarm(alarm, 'OK', 'tocsin test-alarm is over')
    await deleteAlarm(alarm)
    await terminal.print(`  The alarm ${alarm} is deleted.\n`)
  } catch (error) {
    terminal.note(`The alarm ${alarm} could not be deleted (${(error as Error).message}). Delete it by hand:
  aws cloudwatch delete-alarms --alarm-names ${alarm}`)
  }
}
