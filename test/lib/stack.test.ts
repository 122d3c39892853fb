// Facts about the template that people deploy.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { checkConfig } from '../../lambda/config.ts'
import { TocsinStack } from '../../lib/tocsin-stack.ts'
import userConfig from '../../tocsin.config.ts'

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
}

describe('the stack', () => {
  let template: Template
  const of = (type: string): Record<string, { Properties: Record<string, unknown> }> =>
    template.findResources(type) as never

  beforeAll(() => {
    template = Template.fromStack(new TocsinStack(new App(), 'Tocsin', { config: checkConfig(userConfig) }))
  })

  test('gives every queue dead letters, or is dead letters', () => {
    const queues = Object.entries(of('AWS::SQS::Queue'))
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

  test('has one function for each stage, each with a role of its own', () => {
    const functions = Object.values(of('AWS::Lambda::Function'))
    expect(functions).toHaveLength(4)
    expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties['Role']))).size).toBe(4)
    for (const { Properties } of functions)
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      })
  })

  test('holds no secret, only where it is', () => {
    for (const { Properties } of Object.values(of('AWS::Lambda::Function')))
      expect(JSON.stringify(Properties['Environment'])).not.toMatch(/xoxb|signingSecret|botToken/)
    template.resourceCountIs('AWS::SecretsManager::Secret', 1)
  })

  test('allows no action by a star, and a star as resource only for tracing, which knows no other', () => {
    const statements = Object.values(of('AWS::IAM::Policy')).flatMap(
      ({ Properties }) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement,
    )
    expect(statements.length).toBeGreaterThan(8)
    for (const { Action, Resource } of statements) {
      const actions = [Action].flat()
      expect(actions.filter((action) => action === '*' || action.endsWith(':*'))).toEqual([])
      if (Resource === '*') expect(actions.every((action) => action.startsWith('xray:'))).toBe(true)
    }
  })

  test('takes alarm changes from EventBridge and from SNS into the one intake queue, a few at a time', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change', 'CloudWatch Alarm Contributor State Change'],
      },
    })
    template.resourceCountIs('AWS::SNS::Subscription', 1)
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BatchSize: 10,
    })
  })

  test('tells Slack from one run at a time, in order', () => {
    expect(
      Object.values(of('AWS::SQS::Queue')).filter(({ Properties }) => Properties['FifoQueue'] === true),
    ).toHaveLength(2)
  })

  test('waits in durable executions, called through an alias', () => {
    const durable = Object.values(of('AWS::Lambda::Function')).filter(
      ({ Properties }) => Properties['DurableConfig'] !== undefined,
    )
    expect(durable).toHaveLength(1)
    template.resourceCountIs('AWS::Lambda::Alias', 1)
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
})
