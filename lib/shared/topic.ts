// A topic that this account's CloudWatch alarms may publish to.
import { ArnFormat, Stack } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'

/**
 * Without a customer-managed key it has none: CloudWatch cannot publish to a topic under SNS's own key, because nobody can grant it that key.
 * A topic holds a message only until it is delivered, usually a second, and receives and sends it encrypted.
 * https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
 */
export function alarmTopic(scope: Construct, id: string, displayName: string, masterKey?: IKey): Topic {
  const topic = new Topic(scope, id, { displayName, enforceSSL: true, ...(masterKey && { masterKey }) })
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  )
  return topic
}

/** By hand: with the CDK's own subscription the key refers to the topic that needs the key, a cycle that CloudFormation cannot create. */
export function deliver(topic: Topic, queue: Queue): void {
  const stack = Stack.of(topic)
  const sns = new ServicePrincipal('sns.amazonaws.com')
  const policy = queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [sns],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
    }),
  )
  queue.encryptionMasterKey?.addToResourcePolicy(
    new PolicyStatement({
      principals: [sns],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'aws:SourceArn': stack.formatArn({ service: 'sns', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME }),
        },
      },
    }),
  )
  const subscription = new Subscription(topic, 'ToQueue', {
    topic,
    protocol: SubscriptionProtocol.SQS,
    endpoint: queue.queueArn,
  })
  if (policy.policyDependable) subscription.node.addDependency(policy.policyDependable)
}
