#!/usr/bin/env node
// The command line: says what it does, and what to do when it cannot.
import { ConfigError } from '../lambda/config.ts'
import { nearest } from '../lambda/config/words.ts'
import project from '../package.json' with { type: 'json' }
import { explainAws } from './aws/errors.ts'
import { COMMANDS } from './commands.ts'
import { UserError } from './load-config.ts'
import { processTerminal } from './terminal/terminal.ts'

const HELP = `tocsin turns CloudWatch alarms into one incident in one Slack message.

Before you deploy
  tocsin init              asks a few questions, looks at the account, writes tocsin.config.ts
  tocsin replay --events FILE.jsonl
                           what recorded alarms would have become with a config
  tocsin route --alarm NAME
                           who would be told of an alarm, where, and why
  tocsin lint              services that wait longer than those who call them
  tocsin drill NAME        rehearse an incident in a simulated world, with the real runbooks
  npm start                try it on this machine

Set up
  tocsin doctor            is everything ready? What is missing, and what to do
  tocsin slack-manifest    the Slack app, ready to paste
  tocsin slack connect     stores the token, checks it, joins the channels
  tocsin test-alarm        a real alarm through the deployed pipeline, and how long each hop took

Run
  tocsin status            what is open now
  tocsin redrive           what could not be processed: look, then send again
  tocsin republish         messages that a runbook took out of a queue: send them back
  tocsin trace FUNCTION    a stack trace of a function's log, with files and lines of the sources

Each has --help; tocsin --version says which this is. All but replay, route, lint, drill and trace use your AWS credentials (AWS_PROFILE, --profile) and region (AWS_REGION, --region).
None changes anything before it tells you and you agree; --yes agrees in scripts.
`

/** Could not run: a mistake in the input. */
const COULD_NOT_RUN = 2
/** What shells use for Ctrl-C. */
const INTERRUPTED = 130

async function main(words: string[]): Promise<number> {
  const terminal = processTerminal()
  const [first, ...others] = words
  if (first === undefined || ['help', '--help', '-h'].includes(first)) {
    await terminal.print(HELP)
    return 0
  }
  if (['version', '--version', '-v', '-V'].includes(first)) {
    await terminal.print(`${project.version}\n`)
    return 0
  }
  const pair = `${first} ${others[0] ?? ''}`
  const [name, rest] = Object.hasOwn(COMMANDS, pair) ? [pair, others.slice(1)] : [first, others]
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!load) throw new UserError(`there is no command ${JSON.stringify(name)}${meant(pair.trim(), name)} tocsin --help`)
  const { command } = await load()
  if (rest.includes('--help') || rest.includes('-h')) {
    await terminal.print(command.help)
    return 0
  }
  return (await command.run(rest, terminal)) ?? 0
}

/** Two words may be meant as one, and one as two. */
function meant(...words: string[]): string {
  const known = Object.keys(COMMANDS)
  const near = words.map((word) => nearest(word, known)).find((one) => one !== undefined)
  return near === undefined ? '; see' : `; did you mean ${JSON.stringify(near)}? See`
}

/** Undefined: our own mistake, to be shown in full. */
function sentenceOf(error: unknown): string | undefined {
  return error instanceof UserError || error instanceof ConfigError ? error.message : explainAws(error)
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const isInterrupted = error instanceof Error && error.name === 'ExitPromptError'
  const sentence = isInterrupted ? 'stopped; nothing was changed' : sentenceOf(error)
  process.stderr.write(
    `tocsin: ${sentence ?? (error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
  )
  process.exitCode = isInterrupted ? INTERRUPTED : sentence === undefined ? 1 : COULD_NOT_RUN
}
