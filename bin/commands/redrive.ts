// `tocsin redrive`: what could not be processed. Look first, then send again; a message leaves the dead letters only after it has been sent.
import type { OutputName } from '../../lib/outputs.ts'
import { duration, plural } from '../../lambda/core/words/words.ts'
import { depthOf, hold, release, remove, send, type Held } from '../aws/queues.ts'
import { deployedStack, output, type Stack } from '../aws/stack.ts'
import { AWS_HELP, AWS_OPTIONS, parse, useAws, type Command } from '../command.ts'
import { stackNamed, UserError } from '../load-config.ts'
import { agree } from '../terminal/agree.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { cut, printable, WIDTH, wrap } from '../terminal/words.ts'

const HELP = `tocsin redrive: messages that could not be processed. It shows them, asks, and sends them again.

${AWS_HELP}  --queue NAME           intake (alarms) or notices (that Slack needs an update); by default both
  --discard              delete them instead
  --yes                  agree beforehand, in scripts

A message leaves the dead letters only after it was sent. While you look, the messages are hidden from other readers, for at most 15 minutes.
What intake could not read carries the reason, and comes back here unless the code has changed since.

Exit code 0: done, or nothing to do. 1: some are still there. 2: it could not run.
`

const OPTIONS = {
  ...AWS_OPTIONS,
  queue: { type: 'string' },
  discard: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const

const QUEUES: Record<string, { deadLetters: OutputName; back: OutputName }> = {
  intake: { deadLetters: 'IntakeDeadLettersUrl', back: 'IntakeQueueUrl' },
  notices: { deadLetters: 'NoticesDeadLettersUrl', back: 'NoticesQueueUrl' },
}

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { stack: name, queue, discard, yes, ...options } = parse('redrive', args, OPTIONS)
    if (queue !== undefined && !Object.hasOwn(QUEUES, queue))
      throw new UserError(`there is no queue ${JSON.stringify(queue)}; write --queue intake or --queue notices`)
    useAws(options)
    const stack = await deployedStack(await stackNamed(name))
    let isDone = true
    for (const each of queue === undefined ? Object.keys(QUEUES) : [queue])
      isDone = (await redrive(each, stack, { discard, yes }, terminal)) && isDone
    return isDone ? 0 : 1
  },
}

/** How many are held and shown at once; the next ones follow. */
const MOST_HELD = 100

async function redrive(
  name: string,
  stack: Stack,
  { discard, yes }: { discard: boolean; yes: boolean },
  terminal: Terminal,
): Promise<boolean> {
  const [from, to] = [output(stack, QUEUES[name]!.deadLetters), output(stack, QUEUES[name]!.back)]
  const { waiting, inFlight } = await depthOf(from)
  let held = await hold(from, MOST_HELD)
  const total = Math.max(waiting, held.length)
  if (held.length === 0) {
    await terminal.print(
      `${title(name)}: ${inFlight > 0 ? `${inFlight} held by another redrive; try again in 15 minutes` : 'none'}\n`,
    )
    return inFlight === 0
  }
  let done = 0
  try {
    await terminal.print(shown(name, held, total, terminal))
    if (!(await agree(terminal, { yes }, intent(held, total, name, discard)))) return false
    // What cannot be held at once goes in rounds. What comes back meanwhile is left alone: no more are sent than were there at first.
    for (; held.length > 0; held = done < total ? await hold(from, Math.min(MOST_HELD, total - done)) : [])
      while (held.length > 0) {
        if (!discard) await send(to, held[0]!)
        await remove(from, held.shift()!)
        terminal.waiting(`  … ${++done} of ${total}`)
      }
    terminal.waiting()
    await terminal.print(`${plural(done, 'message')} ${discard ? 'deleted' : `sent to ${name} again`}.\n`)
    return true
  } catch (error) {
    if (done > 0)
      terminal.note(`${plural(done, 'message')} of ${total} done before it failed; the others are still there.`)
    throw error
  } finally {
    await release(from, held)
  }
}

const title = (name: string): string => `Dead letters of ${name}`

function intent(held: readonly Held[], total: number, name: string, discard: boolean): string {
  if (discard)
    return `This deletes ${total === 1 ? 'it' : `all ${total}`} for ever: nobody will be told what was in them.`
  const unreadable = held.filter(({ reason }) => reason !== undefined).length
  const comesBack =
    unreadable === 0
      ? ''
      : ` ${unreadable} could not be read: unless the code has changed since, ${unreadable === 1 ? 'it comes' : 'they come'} back here. --discard deletes.`
  return wrap(`This sends ${total === 1 ? 'it' : `all ${total}`} to ${name} again.${comesBack}`, WIDTH, 0)
}

/** How many are shown one by one. */
const MOST_SHOWN = 10
const NUMBER = 5

function shown(name: string, held: readonly Held[], total: number, { paint }: Terminal): string {
  const lines = held.slice(0, MOST_SHOWN).flatMap(({ body, reason, sentAt }, place) => {
    const why = reason === undefined ? 'failed again and again, not told why: see the logs' : printable(reason)
    return [
      `${String(place + 1).padStart(NUMBER - 2)}  ${duration(Date.now() - sentAt)} old: ${wrap(why, WIDTH, NUMBER)}`,
      `${' '.repeat(NUMBER)}${paint('dim', cut(printable(body), WIDTH - NUMBER))}`,
    ]
  })
  const more = total > MOST_SHOWN ? [`${' '.repeat(NUMBER)}and ${total - Math.min(MOST_SHOWN, held.length)} more`] : []
  return `${paint('bold', `${title(name)}: ${total}`)}\n${[...lines, ...more].join('\n')}\n`
}
