// What the deployment tells a function. Nothing else touches `process.env`.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from './core/services/config.ts'

const REQUIRED = {
  table: 'TOCSIN_TABLE',
  noticesUrl: 'TOCSIN_NOTICES_URL',
  intakeUrl: 'TOCSIN_INTAKE_URL',
  deadLettersUrl: 'TOCSIN_DEAD_LETTERS_URL',
  timersArn: 'TOCSIN_TIMERS_ARN',
  runsArn: 'TOCSIN_RUNS_ARN',
  slackSecret: 'TOCSIN_SLACK_SECRET',
  evidenceBucket: 'TOCSIN_EVIDENCE_BUCKET',
  config: 'TOCSIN_CONFIG',
} as const

export type Setting = keyof typeof REQUIRED

/** The settings a function needs. Throws one error that names all that are missing. */
export function settings<S extends Setting>(...wanted: S[]): Record<S, string> {
  const missing = wanted.filter((name) => !process.env[REQUIRED[name]])
  if (missing.length > 0) throw new Error(`missing environment: ${missing.map((name) => REQUIRED[name]).join(', ')}`)
  return Object.fromEntries(wanted.map((name) => [name, process.env[REQUIRED[name]]!])) as Record<S, string>
}

/** URL of Slack's Web API, if not Slack's own. */
export const slackApiUrl = (): string | undefined => process.env['TOCSIN_SLACK_API_URL'] || undefined

/** The stack that metrics belong to. Unset on a developer's machine, where nobody reads them. */
export const stackName = (): string | undefined => process.env['TOCSIN_STACK'] || undefined

/** The account and region of Tocsin itself. Unset on a developer's machine, where every account counts as that one. */
export const home = (): { account?: string; region?: string } => {
  const { TOCSIN_ACCOUNT: account, AWS_REGION: region } = process.env
  return account ? { account, ...(region && { region }) } : {}
}

/** ARN of the alarm that is Tocsin's own heartbeat, if it has one. */
export const heartbeatArn = (): string | undefined => process.env['TOCSIN_HEARTBEAT'] || undefined

/** The config as it was checked and completed when the stack was made. The file is next to the function's code. */
export function readConfig(): Config {
  const { config } = settings('config')
  return JSON.parse(readFileSync(resolve(process.env['LAMBDA_TASK_ROOT'] ?? '.', config), 'utf8')) as Config
}

/**
 * What Lambda gives a function, and other endpoints from the variables that the SDKs read.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function awsSettings() {
  const { env } = process
  const everywhere = env['AWS_ENDPOINT_URL']
  const endpoints = {
    lambda: env['AWS_ENDPOINT_URL_LAMBDA'] ?? everywhere,
    monitoring: env['AWS_ENDPOINT_URL_CLOUDWATCH'] ?? everywhere,
    secretsmanager: env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ?? everywhere,
    sqs: env['AWS_ENDPOINT_URL_SQS'] ?? everywhere,
  }
  return {
    region: env['AWS_REGION'] ?? 'us-east-1',
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    ...(env['AWS_SESSION_TOKEN'] && { sessionToken: env['AWS_SESSION_TOKEN'] }),
    endpoints: Object.fromEntries(Object.entries(endpoints).filter(([, url]) => url)),
  }
}
