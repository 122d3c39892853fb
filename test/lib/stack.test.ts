// Facts about the template that people deploy.
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { Template } from 'aws-cdk-lib/assertions'
import { OUTPUTS } from '../../lib/outputs.ts'
import { hubStack, resources, RUNBOOKS, type Resource } from './stacks.ts'

/** CloudFormation makes a new resource when one of these changes ("Update requires: Replacement"), or when the logical id does. */
const REPLACED_BY: Record<string, string[]> = {
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::Events::EventBus': ['Name'],
  'AWS::SecretsManager::Secret': ['Name'],
  // Slack's settings contain its URL.
  'AWS::Lambda::Url': ['TargetFunctionArn', 'Qualifier'],
}

describe('the stack', () => {
  let template: Template
  const of = (type: string): Resource[] => resources(template, type).map(([, resource]) => resource)

  beforeAll(() => {
    template = Template.fromStack(hubStack())
  })

  test('gives every queue dead letters, or is dead letters', () => {
    const queues = resources(template, 'AWS::SQS::Queue')
    const targets = queues.flatMap(
      ([, { Properties }]) =>
        JSON.stringify(Properties['RedrivePolicy'] ?? '').match(/"([A-Za-z]+DeadLetters\w+)"/)?.[1] ?? [],
    )
    expect(queues).toHaveLength(4)
    expect(targets.sort()).toEqual(
      queues
        .map(([id]) => id)
        .filter((id) => id.includes('DeadLetters'))
        .sort(),
    )
    for (const [, { Properties }] of queues) expect(Properties['SqsManagedSseEnabled']).toBe(true)
  })

  test('keeps dead letters for two weeks', () => {
    for (const [id, { Properties }] of resources(template, 'AWS::SQS::Queue'))
      if (id.includes('DeadLetters')) expect(Properties['MessageRetentionPeriod']).toBe(14 * 86_400)
  })

  test('has one function for each stage, each with a role of its own', () => {
    const functions = of('AWS::Lambda::Function')
    expect(functions).toHaveLength(5)
    expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties['Role']))).size).toBe(5)
    for (const { Properties } of functions)
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON' },
      })
  })

  test('keeps logs as long as the config says', () => {
    const shorter = Template.fromStack(hubStack({ deploy: { logDays: 7 } }))
    for (const [kept, days] of [
      [template, 30],
      [shorter, 7],
    ] as const) {
      const groups = resources(kept, 'AWS::Logs::LogGroup')
      expect(groups).toHaveLength(5)
      for (const [, { Properties }] of groups) expect(Properties['RetentionInDays']).toBe(days)
    }
  })

  test('takes alarm changes from EventBridge, from its own bus and from SNS into the one intake queue', () => {
    const rules = of('AWS::Events::Rule').filter(({ Properties }) => Properties['EventPattern'] !== undefined)
    expect(rules).toHaveLength(2)
    expect(rules.filter(({ Properties }) => Properties['EventBusName'] !== undefined)).toHaveLength(1)
    for (const { Properties } of rules)
      expect(Properties).toMatchObject({
        EventPattern: {
          source: ['aws.cloudwatch'],
          'detail-type': ['CloudWatch Alarm State Change', 'CloudWatch Alarm Contributor State Change'],
        },
        Targets: [
          {
            Arn: { 'Fn::GetAtt': [expect.stringMatching(/^IntakeQueue/), 'Arn'] },
            DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^IntakeDeadLetters/), 'Arn'] } },
          },
        ],
      })
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'sqs' })
  })

  test('bounds how much runs at once: two intakes, one notify, ten clicks', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BatchSize: 10,
    })
    expect(of('AWS::SQS::Queue').filter(({ Properties }) => Properties['FifoQueue'] === true)).toHaveLength(2)
    expect(reserved(template)).toEqual([10])
  })

  test('reserves nothing where the config says so: a new account has nothing to reserve', () => {
    expect(reserved(Template.fromStack(hubStack({ deploy: { clicksAtOnce: 0 } })))).toEqual([])
  })

  test('waits in durable executions, called through an alias', () => {
    const durable = of('AWS::Lambda::Function').filter(({ Properties }) => Properties['DurableConfig'] !== undefined)
    expect(durable).toHaveLength(1)
    template.resourceCountIs('AWS::Lambda::Alias', 1)
  })

  test('a deployment keeps the version that running waits go on with', () => {
    const versions = of('AWS::Lambda::Version') as { DeletionPolicy?: string }[]
    expect(versions.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Retain'])
  })

  test('keeps the table when the stack goes, and can bring back every second of five weeks', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      },
    })
  })

  test('replaces nothing of 0.1.0 that holds data or that others name: an upgrade is an update', () => {
    const sample = new URL('../fixtures/0.1.0/template.json', import.meta.url)
    const kept = resources(Template.fromJSON(JSON.parse(readFileSync(sample, 'utf8')) as object)).filter(
      ([, { Type }]) => Type in REPLACED_BY,
    )
    expect(kept).toHaveLength(10)
    const now = new Map(resources(template))
    for (const [id, { Type, Properties }] of kept) {
      expect({ id, Type: now.get(id)?.Type }).toEqual({ id, Type })
      for (const property of REPLACED_BY[Type]!)
        expect({ id, [property]: now.get(id)?.Properties[property] }).toEqual({ id, [property]: Properties[property] })
    }
  })

  test('publishes every output that the command line reads', () => {
    const evidence = 'EvidenceBucketName'
    // Created if a runbook in the config keeps evidence.
    expect(Object.keys(template.findOutputs('*')).sort()).toEqual(OUTPUTS.filter((name) => name !== evidence).sort())
    const withRunbooks = Template.fromStack(hubStack(RUNBOOKS))
    expect(Object.keys(withRunbooks.findOutputs('*')).sort()).toEqual([...OUTPUTS].sort())
  })
})

describe('secrets', () => {
  test('are named, never held: no value, no generated value, none in a variable', () => {
    const template = Template.fromStack(hubStack({ deploy: { customerKey: true } }))
    const [secret] = resources(template, 'AWS::SecretsManager::Secret')
    expect(Object.keys(secret![1].Properties).sort()).toEqual(['Description', 'KmsKeyId'])
    template.resourceCountIs('AWS::SecretsManager::Secret', 1)
    expect(JSON.stringify(template.toJSON())).not.toMatch(/xox[a-z]-|SecretString|resolve:secretsmanager/)
    const variables = resources(template, 'AWS::Lambda::Function').flatMap(([, { Properties }]) =>
      Object.entries((Properties['Environment'] as { Variables: Record<string, unknown> }).Variables),
    )
    expect(variables.length).toBeGreaterThan(10)
    for (const [name, value] of variables) if (/secret|token/i.test(name)) expect(value).toEqual({ Ref: secret![0] })
  })
})

const reserved = (template: Template): unknown[] =>
  resources(template, 'AWS::Lambda::Function').flatMap(
    ([, { Properties }]) => Properties['ReservedConcurrentExecutions'] ?? [],
  )
