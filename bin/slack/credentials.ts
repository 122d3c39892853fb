// The Slack app's token and signing secret, as a person or a script gives them: never as an argument.
import { text } from 'node:stream/consumers'
import { UserError } from '../load-config.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface Credentials {
  botToken: string
  signingSecret: string
}

export async function readCredentials(fromStdin: boolean, terminal: Terminal): Promise<Credentials> {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret } = process.env
  if (fromStdin) return checked(parse(await text(process.stdin)))
  if (botToken || signingSecret) return checked({ botToken: botToken ?? '', signingSecret: signingSecret ?? '' })
  if (!terminal.canAsk)
    throw new UserError(
      'there is no terminal to ask in: give the token and the signing secret with --stdin, or in SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET',
    )
  return checked({
    botToken: await terminal.ask.secret('Bot token (xoxb-…), from "OAuth & Permissions":'),
    signingSecret: await terminal.ask.secret('Signing secret, from "Basic Information":'),
  })
}

function parse(given: string): Credentials {
  if (given.trimStart().startsWith('{')) {
    try {
      const { botToken = '', signingSecret = '' } = JSON.parse(given) as Partial<Credentials>
      return { botToken, signingSecret }
    } catch {
      throw new UserError('stdin is not JSON: write {"botToken": "xoxb-…", "signingSecret": "…"}')
    }
  }
  const [botToken = '', signingSecret = ''] = given.split(/\s+/).filter((word) => word !== '')
  return { botToken, signingSecret }
}

const OTHER_TOKENS: Record<string, string> = {
  'xapp-': 'an app-level token',
  'xoxp-': 'a user token',
  xoxe: 'a token that expires; switch token rotation off in the app',
}

/** What can be checked without Slack; it never shows what was given. */
function checked(given: Credentials): Credentials {
  const [botToken, signingSecret] = [given.botToken.trim(), given.signingSecret.trim()]
  if (botToken === '') throw new UserError('the bot token is missing: it begins with xoxb-')
  if (signingSecret === '') throw new UserError('the signing secret is missing')
  const other = Object.entries(OTHER_TOKENS).find(([prefix]) => botToken.startsWith(prefix))?.[1]
  if (other !== undefined) throw new UserError(`this is ${other}: the bot token begins with xoxb-`)
  if (!botToken.startsWith('xoxb-')) throw new UserError('the bot token must begin with xoxb-')
  if (signingSecret.startsWith('xox'))
    throw new UserError('the signing secret looks like a token: it is under "Basic Information" of the app')
  return { botToken, signingSecret }
}
