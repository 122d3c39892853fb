// Alarms come in through EventBridge and SNS, into one queue that a few intakes read at a time.
import { Duration } from 'aws-cdk-lib'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { EventBus } from 'aws-cdk-lib/aws-events'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { INTAKE } from '../lambda/core/facts/queues.ts'
import { alarmChangesTo, hubBus } from './shared/bus.ts'
import { queueWithDeadLetters, type QueuePair } from './shared/queue.ts'
import { environmentOf, of, mayChangeBoard, mayWake, type Site } from './shared/site.ts'
import { StageFunction } from './stage-function.ts'
import { alarmTopic, deliver } from './shared/topic.ts'

export interface Intake extends QueuePair {
  stage: StageFunction
  topic: Topic
  bus: EventBus
}

export function makeIntake(site: Site, heartbeat: Record<string, string>): Intake {
  const { stack, config, key } = site
  const pair = queueWithDeadLetters(stack, 'Intake', { key })
  const topic = alarmTopic(stack, 'Alarms', 'Alarms for Tocsin', key)
  deliver(topic, pair.queue)
  const bus = hubBus(stack, config.deploy.organization)
  alarmChangesTo(stack, pair, bus)

  const stage = new StageFunction(stack, 'Intake', {
    entry: 'intake',
    description: 'Reads alarms and puts them into incidents',
    ...of(site),
    timeout: Duration.seconds(INTAKE.timeoutSeconds),
    environment: {
      ...environmentOf(site),
      ...heartbeat,
      TOCSIN_INTAKE_URL: pair.queue.queueUrl,
      TOCSIN_DEAD_LETTERS_URL: pair.deadLetters.queueUrl,
    },
  })
  stage.addEventSource(
    new SqsEventSource(pair.queue, {
      batchSize: INTAKE.batch,
      maxConcurrency: INTAKE.atOnce,
      reportBatchItemFailures: true,
    }),
  )
  // Lambda's event source lets it receive and delete.
  pair.queue.grantSendMessages(stage)
  pair.deadLetters.grantSendMessages(stage)
  mayChangeBoard(site, stage)
  mayWake(site, stage)
  // CloudWatch may also call the function itself, as an alarm's action.
  stage.addPermission('FromAlarms', {
    principal: new ServicePrincipal('lambda.alarms.cloudwatch.amazonaws.com'),
    sourceAccount: stack.account,
  })
  return { ...pair, stage, topic, bus }
}
