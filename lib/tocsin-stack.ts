// What is deployed, as a table of contents: each stage's parts are in the file of its name.
import { Stack, type StackProps } from 'aws-cdk-lib'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import type { Config } from '../lambda/core/config.ts'
import { escalateName, LONGEST_WAIT, makeLive, maySetTimers, timersArn } from './escalate.ts'
import { incidentTable } from './incident.ts'
import { feedIntake, intakeQueue } from './intake.ts'
import { feedNotify, noticesQueue, NOTIFY_TIMEOUT } from './notify.ts'
import { publish } from './outputs.ts'
import { openToSlack } from './respond.ts'
import { StageFunction } from './stage-function.ts'

export interface TocsinStackProps extends StackProps {
  readonly config: Config
}

/** What bounds the cost of clicks that are not Slack's. */
const MOST_CLICKS_AT_ONCE = 10

export class TocsinStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: TocsinStackProps) {
    super(scope, id, props)

    const table = incidentTable(this)
    const slackSecret = new Secret(this, 'SlackSecret', { description: 'Slack: JSON with botToken and signingSecret' })
    const alarms = intakeQueue(this)
    const notices = noticesQueue(this)
    const shared = {
      TOCSIN_TABLE: table.tableName,
      TOCSIN_NOTICES_URL: notices.queue.queueUrl,
      TOCSIN_TIMERS_ARN: timersArn(this),
    }
    const secret = { TOCSIN_SLACK_SECRET: slackSecret.secretArn }

    const escalate = new StageFunction(this, 'Escalate', {
      entry: 'escalate',
      name: escalateName(this),
      description: 'Waits until something of an incident falls due, and looks again',
      config,
      environment: shared,
      durableFor: LONGEST_WAIT,
    })
    const intake = new StageFunction(this, 'Intake', {
      entry: 'intake',
      description: 'Reads alarms and puts them into incidents',
      config,
      environment: { ...shared, TOCSIN_DEAD_LETTERS_URL: alarms.deadLetters.queueUrl },
    })
    const notify = new StageFunction(this, 'Notify', {
      entry: 'notify',
      description: 'Makes Slack show what is true',
      config,
      environment: { ...shared, ...secret },
      timeout: NOTIFY_TIMEOUT,
    })
    const respond = new StageFunction(this, 'Respond', {
      entry: 'respond',
      description: 'Does what a click in Slack means',
      config,
      environment: { ...shared, ...secret },
      reservedConcurrency: MOST_CLICKS_AT_ONCE,
    })

    makeLive(escalate)
    feedIntake(intake, alarms)
    feedNotify(notify, notices)
    const slackRequestUrl = openToSlack(respond)

    for (const stage of [intake, notify, respond, escalate]) {
      table.grant(stage, 'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:Query')
      notices.queue.grantSendMessages(stage)
    }
    for (const stage of [notify, respond]) slackSecret.grantRead(stage)
    for (const stage of [intake, respond, escalate]) maySetTimers(stage)

    publish(this, {
      SlackRequestUrl: slackRequestUrl,
      SlackSecretArn: slackSecret.secretArn,
      TableName: table.tableName,
      AlarmTopicArn: alarms.topic.topicArn,
      IntakeQueueUrl: alarms.queue.queueUrl,
      IntakeDeadLettersUrl: alarms.deadLetters.queueUrl,
      NoticesQueueUrl: notices.queue.queueUrl,
      NoticesDeadLettersUrl: notices.deadLetters.queueUrl,
    })
  }
}
