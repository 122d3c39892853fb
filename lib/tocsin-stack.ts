// What is deployed, as a table of contents: each stage's parts are in the file of its name.
import { Annotations, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { Config } from '../lambda/core/services/config.ts'
import { ignoringWords } from '../lambda/core/services/ignored.ts'
import { makeDashboard } from './watchdog/dashboard.ts'
import { makeEscalate } from './escalate.ts'
import { makeIntake } from './intake.ts'
import { makeNotify } from './notify.ts'
import { publish } from './shared/outputs.ts'
import { ownAlarms, type Watched } from './watchdog/own-alarms.ts'
import { makeRunbooks } from './remediate.ts'
import { makeRespond } from './respond.ts'
import { ServiceAlarms } from './service-alarms.ts'
import { makeSite } from './shared/site.ts'
import { heartbeatEnvironment, makeWatchdog, watchdogTopic } from './watchdog/watchdog.ts'

export interface TocsinStackProps extends StackProps {
  readonly config: Config
}

export class TocsinStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: TocsinStackProps) {
    super(scope, id, props)
    const site = makeSite(this, config)
    Annotations.of(this).addInfo(ignoringWords(config))

    const intake = makeIntake(site, heartbeatEnvironment(site))
    const notify = makeNotify(site)
    const respond = makeRespond(site)
    const escalate = makeEscalate(site)
    const { evidence } = makeRunbooks(site)

    const watchdog = makeWatchdog(site)
    const topic = watchdogTopic(site)
    const watched: Watched = {
      queues: { intake, notices: site.notices },
      stages: { intake: intake.stage, notify, respond: respond.stage, escalate },
      throttled: ['respond', 'escalate'],
      ...(watchdog && { watchdog: { stage: watchdog, everyMinutes: config.watchdog.syntheticMinutes } }),
    }
    const alarms = ownAlarms(this, watched, topic)

    new ServiceAlarms(this, 'ServiceAlarms', { config })

    publish(this, {
      SlackRequestUrl: respond.url,
      SlackSecretArn: site.slackSecret.secretArn,
      TableName: site.table.tableName,
      AlarmTopicArn: intake.topic.topicArn,
      EventBusArn: intake.bus.eventBusArn,
      IntakeQueueUrl: intake.queue.queueUrl,
      IntakeDeadLettersUrl: intake.deadLetters.queueUrl,
      NoticesQueueUrl: site.notices.queue.queueUrl,
      NoticesDeadLettersUrl: site.notices.deadLetters.queueUrl,
      EvidenceBucketName: evidence?.bucketName,
      WatchdogTopicArn: topic.topicArn,
      DashboardName: config.watchdog.dashboard ? makeDashboard(this, watched, alarms) : undefined,
    })
  }
}
