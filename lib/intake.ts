// Alarms come in by EventBridge and by SNS, into one queue, and a few intakes at a time read it.
import { Duration, Stack } from 'aws-cdk-lib'
import { Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { queueWithDeadLetters, type QueuePair } from './queue.ts'
import type { StageFunction } from './stage-function.ts'

/** More would only wait for each other: each batch is one write of the same item. */
const PARALLEL_INTAKES = 2
const BATCH = 10

export interface Intake extends QueuePair {
  topic: Topic
}

export function intakeQueue(stack: Stack): Intake {
  const pair = queueWithDeadLetters(stack, 'Intake', { visibilityTimeout: Duration.seconds(180) })
  const topic = new Topic(stack, 'Alarms', { displayName: 'Alarms for Tocsin', enforceSSL: true })
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  )
  topic.addSubscription(new SqsSubscription(pair.queue))
  new Rule(stack, 'AlarmChanges', {
    description: 'Every alarm that changes its state goes to Tocsin',
    eventPattern: {
      source: ['aws.cloudwatch'],
      detailType: ['CloudWatch Alarm State Change', 'CloudWatch Alarm Contributor State Change'],
    },
    targets: [new SqsQueue(pair.queue)],
  })
  return { ...pair, topic }
}

export function feedIntake(intake: StageFunction, { queue, deadLetters }: QueuePair): void {
  intake.addEventSource(
    new SqsEventSource(queue, { batchSize: BATCH, maxConcurrency: PARALLEL_INTAKES, reportBatchItemFailures: true }),
  )
  deadLetters.grantSendMessages(intake)
  // CloudWatch may also call the function itself, as an alarm's action.
  intake.addPermission('FromAlarms', {
    principal: new ServicePrincipal('lambda.alarms.cloudwatch.amazonaws.com'),
    sourceAccount: Stack.of(intake).account,
  })
}
