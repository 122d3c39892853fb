// Does it flow? Nothing waits too long, nothing was given up on, and somebody is told when Tocsin itself fails.
import { duration, plural } from '../../lambda/core/words/words.ts'
import type { OutputName } from '../../lib/outputs.ts'
import { ageOfOldest, depthOf } from '../aws/queues.ts'
import { output } from '../aws/stack.ts'
import { subscribersOf } from '../aws/topic.ts'
import { failed, notYet, ok, unknown, type Check } from './check.ts'

/** A message is taken in within a second or two; one that waits this long keeps failing. */
const OLD_SECONDS = 300

const queue = (name: string, url: OutputName, stage: string): Check => ({
  name,
  needs: ['stack'],
  async look({ stack }) {
    const { waiting, inFlight } = await depthOf(output(stack!, url))
    if (waiting + inFlight === 0) return ok('empty')
    const age = await ageOfOldest(output(stack!, url))
    const found = `${plural(waiting, 'message')} waiting, ${inFlight} being worked on${age === undefined ? '' : `, the oldest for ${duration(age * 1000)}`}`
    return age !== undefined && age > OLD_SECONDS
      ? failed(found, `look at the logs of the ${stage} function`)
      : ok(found)
  },
})

const deadLetters: Check = {
  name: 'dead letters',
  needs: ['stack'],
  async look({ stack }) {
    const [intake, notices] = await Promise.all([
      depthOf(output(stack!, 'IntakeDeadLettersUrl')),
      depthOf(output(stack!, 'NoticesDeadLettersUrl')),
    ])
    const [a, b] = [intake.waiting + intake.inFlight, notices.waiting + notices.inFlight]
    return a + b === 0
      ? ok('none')
      : failed(`${a} of intake, ${b} of notices`, 'npx tocsin redrive shows them, and sends them again')
  },
}

const watchdog: Check = {
  name: 'watchdog',
  needs: ['stack'],
  async look({ stack }) {
    const topic = stack!.outputs['WatchdogTopicArn']
    if (topic === undefined) return unknown('this version of the stack has none')
    const subscribers = await subscribersOf(topic)
    const waiting = subscribers.filter(({ confirmed }) => !confirmed)
    if (waiting.length > 0)
      return failed(
        `${waiting.map(({ endpoint }) => endpoint).join(', ')} did not confirm`,
        'open the mail "AWS Notification - Subscription Confirmation" and click; npx cdk deploy sends no new one, the SNS console does',
      )
    return subscribers.length === 0
      ? notYet(
          'nobody hears when Tocsin itself fails',
          'write watchdog: { emails: ["you@example.com"] } in the config, and deploy',
        )
      : ok(`tells ${subscribers.map(({ endpoint }) => endpoint).join(', ')}`)
  },
}

export const FLOW: Check[] = [
  queue('intake queue', 'IntakeQueueUrl', 'Intake'),
  queue('notices queue', 'NoticesQueueUrl', 'Notify'),
  deadLetters,
  watchdog,
]
