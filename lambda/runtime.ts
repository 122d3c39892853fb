// The only place that builds adapters: each function asks for those it uses, and its bundle contains only those.
import { amazonMq } from './adapters/rabbitmq/amazon-mq.ts'
import { awsCall, type AwsCall } from './adapters/aws.ts'
import { awsCloud } from './adapters/cloud/cloud.ts'
import { cloudwatchBell } from './adapters/bell.ts'
import { dynamoTable } from './adapters/dynamodb.ts'
import { slackDialogs } from './adapters/slack/dialogs.ts'
import { s3Evidence } from './adapters/evidence.ts'
import { slackPeople } from './adapters/slack/people.ts'
import { durableRuns, durableTimers } from './adapters/executions.ts'
import { callAs } from './adapters/cloud/assumed.ts'
import { rabbitmqBroker } from './adapters/rabbitmq/broker.ts'
import { loginSecret, slackSecret } from './adapters/secrets.ts'
import { slackChat, type SlackChat } from './adapters/slack/chat.ts'
import { placeIn, sqsDeadLetters, sqsInbox, sqsNotices } from './adapters/queues.ts'
import { DEFAULT_STACK } from './core/facts/stack-name.ts'
import { nameInArn, partOfArn } from './core/intake/arn.ts'
import { heartbeatAlarm } from './core/watchdog/heartbeat.ts'
import { keyOf } from './core/intake/envelopes.ts'
import { logLine } from './core/watchdog/metrics.ts'
import { rulesOf, type Rules } from './core/services/rules.ts'
import { awsSettings, heartbeatArn, home, readConfig, settings, slackApiUrl, stackName } from './environment.ts'
import type { Bell, DeadLetters, Inbox, Log, Notices } from './ports/runtime.ts'
import type { Clock } from './ports/clock.ts'
import type { Dialogs, People, Secrets } from './ports/slack.ts'
import type { Runs, Timers } from './ports/runs.ts'
import type { Table } from './ports/table.ts'
import type { ToolsFor } from './ports/tools.ts'
import { brokerAddress } from './adapters/rabbitmq/settings.ts'

export { placeIn }

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export const clock: Clock = { now: Date.now, sleep, sleepUpTo: (ms) => sleep(Math.random() * ms) }

const stack = stackName()

/** Deployed, bypasses the console: Lambda's would wrap each line in another object, in which CloudWatch finds no metrics. */
const print =
  stack === undefined ? (line: string) => console.log(line) : (line: string) => process.stdout.write(`${line}\n`)

/** One JSON object per line, so that CloudWatch Logs finds its fields and metrics. */
export const log: Log = (level, message, facts, counts) =>
  print(logLine({ level, message, now: Date.now(), stack }, facts, counts))

const aws = (): AwsCall => awsCall(awsSettings())

/** The key of Tocsin's own heartbeat, from its ARN. */
export function heartbeat(): { heartbeat?: string } {
  const arn = heartbeatArn()
  const name = nameInArn(arn)
  return name === undefined ? {} : { heartbeat: keyOf(partOfArn(arn, 4), partOfArn(arn, 3), name) }
}

export const bell = (): Bell => cloudwatchBell(aws(), heartbeatAlarm(stack ?? DEFAULT_STACK))
export const rules = (): Rules => rulesOf(readConfig(), home())
export const table = (): Table => dynamoTable(settings('table').table)
export const notices = (): Notices => sqsNotices(settings('noticesUrl').noticesUrl, aws())
export const inbox = (): Inbox => sqsInbox(settings('intakeUrl').intakeUrl, aws())
export const deadLetters = (): DeadLetters => sqsDeadLetters(settings('deadLettersUrl').deadLettersUrl, aws())
export const runs = (): Runs => durableRuns(settings('runsArn').runsArn, aws())
export const timers = (): Timers => durableTimers(settings('timersArn').timersArn, aws())

const secret = () => slackSecret(settings('slackSecret').slackSecret, aws())
const token = () => {
  const read = secret()
  return async () => (await read()).botToken
}

export const chat = (): SlackChat => {
  const apiUrl = slackApiUrl()
  return slackChat({ token: token(), log, ...(apiUrl !== undefined && { apiUrl }) })
}
export const people = (): People => slackPeople(token(), slackApiUrl())
export const dialogs = (): Dialogs => slackDialogs(token(), slackApiUrl())
export const secrets = (): Secrets => {
  const read = secret()
  return {
    async connection() {
      const { signingSecret, previousSigningSecret, installation = {} } = await read()
      return {
        signingSecrets: [signingSecret, ...(previousSigningSecret ? [previousSigningSecret] : [])],
        installation,
      }
    },
  }
}

/** For one service's target: in its region, with its role, with its broker's login. */
export function tools(): ToolsFor {
  const own = awsSettings()
  return (target, runbook) => {
    const identity = { region: target.region ?? own.region, role: target.role, session: 'tocsin' }
    return {
      cloud: awsCloud(identity, runbook?.apis),
      broker: rabbitmqBroker({
        ...brokerAddress(target),
        ...(target.rabbitmq?.broker !== undefined && { find: amazonMq(target.rabbitmq.broker, identity) }),
        credentials: loginSecret(target.rabbitmq?.secret, (region) =>
          callAs(own, { ...identity, ...(region && { region }) }),
        ),
      }),
      // Only functions of runbooks that keep evidence know the bucket.
      get evidence() {
        return s3Evidence({ bucket: settings('evidenceBucket').evidenceBucket, prefix: 'evidence/' })
      },
      now: clock.now,
      pause: (seconds) => clock.sleep(seconds * 1000),
    }
  }
}
