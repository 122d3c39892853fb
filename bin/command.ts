// What every command has: a line in the list, its own help, options that are checked, and an exit code.
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { UserError } from './load-config.ts'
import type { Terminal } from './terminal/terminal.ts'

export interface Command {
  help: string
  /** Returns the exit code; nothing means 0. Throws a `UserError` for what a person can fix. */
  run(args: string[], terminal: Terminal): Promise<number | void>
}

type Options = NonNullable<ParseArgsConfig['options']>

/** The values of the options. Throws a `UserError` for unknown ones. */
export function parse<const T extends Options>(command: string, args: string[], options: T) {
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    throw new UserError(`${(error as Error).message.split('\n')[0]!}; see tocsin ${command} --help`)
  }
}

/** Options of every command that talks to AWS. */
export const AWS_OPTIONS = {
  stack: { type: 'string' },
  region: { type: 'string' },
  profile: { type: 'string' },
} as const

export const AWS_HELP = `  --stack NAME           the deployed stack; by default deploy.name of the config, else Tocsin
  --region REGION        by default AWS_REGION, or the profile's
  --profile NAME         by default AWS_PROFILE
`

/** Tells the AWS SDKs, which read the environment when a client is made. */
export function useAws({ region, profile }: { region?: string | undefined; profile?: string | undefined }): void {
  if (region !== undefined) process.env['AWS_REGION'] = region
  if (profile === undefined) return
  process.env['AWS_PROFILE'] = profile
  // A profile that is asked for by name takes precedence over keys that happen to be set.
  for (const key of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete process.env[key]
}

export const SLACK_OPTIONS = { 'slack-api-url': { type: 'string' } } as const

/** The address of Slack's Web API, if not Slack's own. */
export const slackApiUrl = (given: string | undefined): string | undefined =>
  given ?? (process.env['TOCSIN_SLACK_API_URL'] || undefined)
