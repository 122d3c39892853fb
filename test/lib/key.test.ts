// One customer-managed key if the config asks for it; otherwise none, at no cost.
import { describe, expect, test } from '@jest/globals'
import { Template } from 'aws-cdk-lib/assertions'
import { hubStack, resources, type Statement } from './stacks.ts'

/** Where each kind of resource names its key. */
const KEYS: Record<string, (properties: Record<string, unknown>) => unknown> = {
  'AWS::SQS::Queue': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::SNS::Topic': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::DynamoDB::Table': ({ SSESpecification }) => (SSESpecification as { KMSMasterKeyId?: unknown })?.KMSMasterKeyId,
  'AWS::SecretsManager::Secret': ({ KmsKeyId }) => KmsKeyId,
  'AWS::Logs::LogGroup': ({ KmsKeyId }) => KmsKeyId,
}

describe('with deploy.customerKey', () => {
  const template = Template.fromStack(hubStack({ deploy: { customerKey: true } }))
  const [keyId, key] = resources(template, 'AWS::KMS::Key')[0]!

  test.each(Object.entries(KEYS))('every %s is under the key', (type, keyOf) => {
    const found = resources(template, type)
    expect(found.length).toBeGreaterThan(0)
    for (const [, { Properties }] of found) expect(keyOf(Properties)).toEqual({ 'Fn::GetAtt': [keyId, 'Arn'] })
  })

  test('lets in the services that write for us, from this account only', () => {
    const { Statement } = key.Properties['KeyPolicy'] as { Statement: Statement[] }
    const services = Statement.flatMap(({ Principal, Condition }) => {
      const service = (Principal as { Service?: unknown }).Service
      return service === undefined ? [] : [{ service: JSON.stringify(service), bounded: Condition !== undefined }]
    })
    for (const name of ['cloudwatch.amazonaws.com', 'events.amazonaws.com', 'sns.amazonaws.com', 'logs.'])
      expect(services.filter(({ service }) => service.includes(name))).toEqual([
        { service: expect.any(String), bounded: true },
      ])
  })

  test('turns its key once a year, and keeps it when the stack goes, as it keeps the table', () => {
    template.hasResource('AWS::KMS::Key', { DeletionPolicy: 'Retain', Properties: { EnableKeyRotation: true } })
  })
})

test('without it there is no key, and all that can be is encrypted by the services themselves', () => {
  const template = Template.fromStack(hubStack())
  template.resourceCountIs('AWS::KMS::Key', 0)
  for (const [, { Properties }] of resources(template, 'AWS::SQS::Queue'))
    expect(Properties['SqsManagedSseEnabled']).toBe(true)
})
