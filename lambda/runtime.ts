// Builds the adapters, and nothing else does: each function asks for those it uses, and a bundle holds only those.
import { awsCall, type AwsCall } from './adapters/aws.ts'
import { dynamoTable } from './adapters/dynamodb.ts'
import { slackDialogs } from './adapters/dialogs.ts'
import { durableTimers } from './adapters/lambda.ts'
import { slackSecret } from './adapters/secrets.ts'
import { slackChat } from './adapters/slack.ts'
import { sqsDeadLetters, sqsNotices } from './adapters/sqs.ts'
import { rulesOf } from './core/rules.ts'
import { awsSettings, readConfig, settings, slackApiUrl } from './environment.ts'
import type { Chat, Clock, DeadLetters, Dialogs, Log, Notices, Secrets, Table, Timers } from './ports.ts'
import type { Rules } from './core/rules.ts'

export const clock: Clock = { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }

/** One JSON object a line: CloudWatch Logs finds its fields. */
export const log: Log = (level, message, facts) => console.log(JSON.stringify({ level, message, ...facts }))

const aws = (): AwsCall => awsCall(awsSettings())

export const rules = (): Rules => rulesOf(readConfig())
export const table = (): Table => dynamoTable(settings('table').table)
export const notices = (): Notices => sqsNotices(settings('noticesUrl').noticesUrl, aws())
export const deadLetters = (): DeadLetters => sqsDeadLetters(settings('deadLettersUrl').deadLettersUrl, aws())
export const timers = (): Timers => durableTimers(settings('timersArn').timersArn, aws())

const secret = () => slackSecret(settings('slackSecret').slackSecret, aws())
const token = () => {
  const read = secret()
  return async () => (await read()).botToken
}

export const chat = (channel: string): Chat => {
  const apiUrl = slackApiUrl()
  return slackChat({ channel, token: token(), ...(apiUrl !== undefined && { apiUrl }) })
}
export const dialogs = (): Dialogs => slackDialogs(token(), slackApiUrl())
export const secrets = (): Secrets => {
  const read = secret()
  return {
    async signingSecrets() {
      const { signingSecret, previousSigningSecret } = await read()
      return previousSigningSecret ? [signingSecret, previousSigningSecret] : [signingSecret]
    },
  }
}
