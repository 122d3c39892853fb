// One customer-managed key for all that is stored, if the config asks for it; without it, the services' own keys, which cost nothing.
import { ArnFormat, type Stack } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'

/**
 * 1 USD a month, and 0.03 USD for 10,000 uses. Like the table, it stays when the stack goes: without it nobody could read the table.
 * The constructs that connect EventBridge, SNS and SQS grant them access.
 */
export function customerKey(stack: Stack): Key {
  const key = new Key(stack, 'Key', { description: 'Tocsin: all that it stores', enableKeyRotation: true })
  // An alarm that may not use the key of its topic is silent. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  )
  const anyLogGroup = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': anyLogGroup } },
    }),
  )
  return key
}
