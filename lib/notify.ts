// The word that something changed, and the one function at a time that tells Slack.
import { Duration, type Stack } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { queueWithDeadLetters, type QueuePair } from './shared/queue.ts'
import { environmentOf, of, mayChangeBoard, secretEnvironment, type Site } from './shared/site.ts'
import { StageFunction } from './stage-function.ts'

/** Long enough to tell a storm's worth at Slack's pace; then the next run goes on. */
const TIMEOUT = Duration.minutes(2)

/** First in, first out, in one group: that one run at a time talks to Slack is also the bound on what it can cost. */
export const noticesQueue = (stack: Stack, key: IKey | undefined): QueuePair =>
  queueWithDeadLetters(stack, 'Notices', { fifo: true, visibilityTimeout: Duration.minutes(3), key })

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
  site.slackSecret.grantRead(notify)
  return notify
}
