// What all stages share: the table, Slack's secret, the notice that something changed, the names by which they call each other.
import type { Stack } from 'aws-cdk-lib'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import type { Key } from 'aws-cdk-lib/aws-kms'
import { type CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Config } from '../../lambda/core/services/config.ts'
import { incidentTable } from './table.ts'
import { customerKey } from './key.ts'
import { noticesQueue } from './notices.ts'
import type { QueuePair } from './queue.ts'
import { mayStartRuns, runsArn } from './runs.ts'
import type { StageFunction } from '../stage-function.ts'
import { maySetTimers, timersArn } from './timers.ts'

export interface Site {
  readonly stack: Stack
  readonly config: Config
  readonly key: Key | undefined
  readonly table: Table
  readonly slackSecret: Secret
  readonly notices: QueuePair
}

export function makeSite(stack: Stack, config: Config): Site {
  const key = config.deploy.customerKey ? customerKey(stack) : undefined
  return {
    stack,
    config,
    key,
    table: incidentTable(stack, key),
    slackSecret: emptySecret(stack, key),
    notices: noticesQueue(stack, key),
  }
}

/** 0.40 USD a month. Without a value: one that CloudFormation made up would be no token, and would later overwrite the real one. */
function emptySecret(stack: Stack, encryptionKey: Key | undefined): Secret {
  const secret = new Secret(stack, 'SlackSecret', {
    description: 'Slack: JSON with botToken and signingSecret',
    ...(encryptionKey && { encryptionKey }),
  })
  const resource = secret.node.defaultChild as CfnSecret
  resource.addPropertyDeletionOverride('GenerateSecretString')
  return secret
}

/** What creating any function requires. */
export const of = ({ config, key }: Site): Pick<Site, 'config' | 'key'> => ({ config, key })

/** The environment of every stage that changes the board. */
export const environmentOf = ({ stack, table, notices }: Site): Record<string, string> => ({
  TOCSIN_TABLE: table.tableName,
  TOCSIN_ACCOUNT: stack.account,
  TOCSIN_NOTICES_URL: notices.queue.queueUrl,
  TOCSIN_TIMERS_ARN: timersArn(stack),
  TOCSIN_RUNS_ARN: runsArn(stack),
})

/** Reads and writes what is open, and says that it changed. */
export function mayChangeBoard({ table, notices, key }: Site, stage: StageFunction): void {
  table.grant(stage, 'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:Scan')
  key?.grantEncryptDecrypt(stage)
  notices.queue.grantSendMessages(stage)
}

/** Sets timers and starts runs. */
export function mayWake({ config }: Site, stage: StageFunction): void {
  maySetTimers(stage)
  mayStartRuns(stage, config)
}

export const secretEnvironment = ({ slackSecret }: Site): Record<string, string> => ({
  TOCSIN_SLACK_SECRET: slackSecret.secretArn,
})
