// `cdk destroy` leaves nothing but the table, which holds what was learned: deleting it is a separate decision.
import { DescribeAlarmsCommand, DeleteAlarmsCommand, ListDashboardsCommand } from '@aws-sdk/client-cloudwatch'
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DeleteTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { ListBucketsCommand } from '@aws-sdk/client-s3'
import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager'
import { ListTopicsCommand } from '@aws-sdk/client-sns'
import { ListQueuesCommand } from '@aws-sdk/client-sqs'
import type { Aws } from '../support/aws.ts'
import { succeeds } from '../support/commands.ts'
import { same, type Step } from '../support/steps.ts'
import { LATENCY } from './alarming.ts'
import type { World } from './world.ts'

/** Two services for which this project has no client. */
async function rules(call: Aws['call']): Promise<string[]> {
  const answer = await call(
    'events',
    { 'x-amz-target': 'AWSEvents.ListRules', 'content-type': 'application/x-amz-json-1.1' },
    '{}',
  )
  return (JSON.parse(answer) as { Rules: { Name: string }[] }).Rules.map(({ Name }) => Name)
}

async function roles(call: Aws['call']): Promise<string[]> {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await call('iam', form, 'Action=ListRoles&Version=2010-05-08')
  return [...answer.matchAll(/<RoleName>([^<]+)</g)].map(([, name]) => name!)
}

/** What prepared the account stays. */
const withoutBootstrap = (names: string[] = []): string[] => names.filter((name) => !name.startsWith('cdk-'))

async function everything({ cloudWatch, dynamo, lambda, logs, s3, secrets, sns, sqs, call }: Aws) {
  const alarms = await cloudWatch.send(new DescribeAlarmsCommand({}))
  return {
    functions:
      (await lambda.send(new ListFunctionsCommand({}))).Functions?.map(({ FunctionName }) => FunctionName) ?? [],
    'event sources':
      (await lambda.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings?.map(({ UUID }) => UUID) ?? [],
    queues: (await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? [],
    topics: (await sns.send(new ListTopicsCommand({}))).Topics?.map(({ TopicArn }) => TopicArn) ?? [],
    'log groups':
      (await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.map(({ logGroupName }) => logGroupName) ?? [],
    alarms: [...(alarms.MetricAlarms ?? []), ...(alarms.CompositeAlarms ?? [])].map(({ AlarmName }) => AlarmName),
    dashboards:
      (await cloudWatch.send(new ListDashboardsCommand({}))).DashboardEntries?.map(
        ({ DashboardName }) => DashboardName,
      ) ?? [],
    secrets: (await secrets.send(new ListSecretsCommand({}))).SecretList?.map(({ Name }) => Name) ?? [],
    buckets: withoutBootstrap((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name!)),
    rules: await rules(call),
    roles: withoutBootstrap(await roles(call)),
    tables: (await dynamo.send(new ListTablesCommand({}))).TableNames ?? [],
  }
}

export const leaving: Step<World>[] = [
  {
    does: 'cdk destroy leaves the table and nothing else',
    async run({ aws, cdk, configFile, outputs }) {
      // The team's own alarm.
      await aws.cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [LATENCY.name] }))
      await succeeds('cdk destroy', cdk(['destroy', '--force', '--context', `config=${configFile}`]))
      const left = await everything(aws)
      const nothing = Object.fromEntries(Object.keys(left).map((kind) => [kind, []]))
      same('what is left', left, { ...nothing, tables: [outputs.TableName] })
      await aws.dynamo.send(new DeleteTableCommand({ TableName: outputs.TableName }))
    },
  },
]
