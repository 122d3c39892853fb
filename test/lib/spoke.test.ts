// A spoke: what it deploys, and what it says to those who start it wrongly.
import { describe, expect, test } from '@jest/globals'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { hubOf, type Asked } from '../../bin/spoke.ts'
import { ALARM_CHANGES } from '../../lib/shared/bus.ts'
import { HUB, hubStack, resources, spokeStack, statements } from './stacks.ts'

describe('a spoke', () => {
  const template = Template.fromStack(spokeStack(['ana@example.com']))

  test('sends every alarm change to the hub, by a role that may do only that', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ALARM_CHANGES.source, 'detail-type': ALARM_CHANGES.detailType },
      Targets: [{ Arn: HUB, RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^SendRole'), 'Arn'] } }],
    })
    expect(statements(template)).toEqual([{ Effect: 'Allow', Action: 'events:PutEvents', Resource: HUB }])
  })

  test('keeps what could not be sent, and says so by e-mail', () => {
    template.resourceCountIs('AWS::SQS::Queue', 1)
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [{ DeadLetterConfig: { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('DeadLetters'), 'Arn'] } } }],
    })
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^Watchdog') }],
    })
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ana@example.com' })
  })

  test('runs nothing and stores nothing else: it costs one alarm', () => {
    template.resourceCountIs('AWS::Lambda::Function', 0)
    template.resourceCountIs('AWS::DynamoDB::Table', 0)
    template.resourceCountIs('AWS::CloudWatch::Alarm', 1)
  })
})

describe('the hub’s bus', () => {
  const policyOf = (organization?: string): unknown =>
    resources(
      Template.fromStack(hubStack({ deploy: organization === undefined ? {} : { organization } })),
      'AWS::Events::EventBus',
    )[0]![1].Properties['Policy']

  test('takes events of the organization, and only of the organization', () => {
    expect(policyOf('o-a1b2c3d4e5')).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Principal: '*',
          Action: 'events:PutEvents',
          Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
        },
      ],
    })
  })

  test('takes none of other accounts where the config names no organization', () => {
    expect(policyOf()).toBeUndefined()
  })
})

describe('npx cdk deploy', () => {
  const plain: Asked = { name: 'Tocsin', hub: undefined, asked: ['**'], account: undefined, region: undefined }
  const here = { account: '123456789012', region: 'eu-central-1' }

  test.each<[string, Partial<Asked>]>([
    ['without anything', {}],
    ['of the hub by name', { asked: ['Tocsin'] }],
  ])('%s means the hub', (_, asked) => {
    expect(hubOf({ ...plain, ...asked })).toBeUndefined()
  })

  test.each<[string, Partial<Asked>]>([
    ['elsewhere', { account: '210987654321', region: 'eu-central-1' }],
    ['in another region of the same account', { ...here, region: 'us-east-1' }],
    ['where the place is not known yet', {}],
  ])('with a hub, %s, means a spoke', (_, asked) => {
    expect(hubOf({ ...plain, hub: HUB, ...asked })).toBe(HUB)
  })

  test.each<[string, Partial<Asked>, RegExp]>([
    ['a spoke without a hub', { asked: ['TocsinSpoke'] }, /needs to know its hub.*-c hub=ARN.*EventBusArn/],
    ['an empty hub', { hub: '' }, /is not an ARN of an event bus/],
    [
      'the ARN of something else',
      { hub: 'arn:aws:sqs:eu-central-1:123456789012:queue' },
      /is not an ARN of an event bus/,
    ],
    ['a place-holder', { hub: '<event bus arn>' }, /like arn:aws:events:/],
    ['the hub’s own account and region', { hub: HUB, ...here }, /are the hub's own/],
  ])('with %s says what to do', (_, asked, words) => {
    expect(() => hubOf({ ...plain, ...asked })).toThrow(words)
  })
})
