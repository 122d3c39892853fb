// The one function at a time that tells Slack.
import { Duration } from 'aws-cdk-lib'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { environmentOf, mayChangeBoard, mayWake, of, secretEnvironment, type Site } from './shared/site.ts'
import { StageFunction } from './stage-function.ts'

/** Long enough to post a storm's worth at Slack's rate limit; then the next run takes over. */
const TIMEOUT = Duration.minutes(2)

export function makeNotify(site: Site): StageFunction {
  const notify = new StageFunction(site.stack, 'Notify', {
    entry: 'notify',
    description: 'Makes Slack show what is true',
    ...of(site),
    environment: { ...environmentOf(site), ...secretEnvironment(site) },
    timeout: TIMEOUT,
  })
  notify.addEventSource(new SqsEventSource(site.notices.queue, { batchSize: 10 }))
  mayChangeBoard(site, notify)
  mayWake(site, notify)
  site.slackSecret.grantRead(notify)
  return notify
}
