// The function that tells Slack: one run at a time for each place.
import { Duration } from 'aws-cdk-lib'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { NOTIFY } from '../lambda/core/facts/queues.ts'
import { environmentOf, mayChangeBoard, mayWake, of, secretEnvironment, type Site } from './shared/site.ts'
import { StageFunction } from './stage-function.ts'

export function makeNotify(site: Site): StageFunction {
  const notify = new StageFunction(site.stack, 'Notify', {
    entry: 'notify',
    description: 'Makes Slack show what is true',
    ...of(site),
    environment: { ...environmentOf(site), ...secretEnvironment(site) },
    timeout: Duration.seconds(NOTIFY.timeoutSeconds),
  })
  notify.addEventSource(
    new SqsEventSource(site.notices.queue, { batchSize: NOTIFY.batch, maxConcurrency: NOTIFY.atOnce }),
  )
  mayChangeBoard(site, notify)
  mayWake(site, notify)
  // Open work that is done.
  site.table.grant(notify, 'dynamodb:DeleteItem')
  site.slackSecret.grantRead(notify)
  return notify
}
