#!/usr/bin/env node
// The command line: says what it does, and what to do where it could not.
import { ConfigError } from '../lambda/config.ts'
import { UserError } from './load-config.ts'
import { replayCommand, REPLAY_HELP } from './replay.ts'

const HELP = `tocsin turns CloudWatch alarms into one incident in one Slack message.

  tocsin replay --events FILE.jsonl    what recorded alarms would have become: see tocsin replay --help

  npm start                            try it on this machine
`

/** Could not run: a mistake in what was given. */
const COULD_NOT_RUN = 2

async function main([command, ...rest]: string[]): Promise<void> {
  const wantsHelp = rest.includes('--help') || rest.includes('-h')
  switch (command) {
    case 'replay':
      return wantsHelp ? print(REPLAY_HELP) : replayCommand(rest, print)
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      return print(HELP)
    default:
      throw new UserError(`there is no command ${JSON.stringify(command)}; see tocsin --help`)
  }
}

/** Waits until it is written: a pipe may be slower than we are. */
const print = (text: string): Promise<void> => new Promise((done) => process.stdout.write(text, () => done()))

process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

main(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof UserError || error instanceof ConfigError
  process.stderr.write(
    `tocsin: ${expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  process.exitCode = expected ? COULD_NOT_RUN : 1
})
