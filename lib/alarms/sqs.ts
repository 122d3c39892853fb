// Alarms of an SQS queue and its dead letters. An idle queue stops reporting after six hours, so silence is good.
import type { Target } from '../../lambda/core/services/config.ts'
import { growth } from './formulas.ts'
import { FIVE_MINUTES, MINUTE, seriesOf, type ResourceRows, type Row } from './row.ts'

export function sqsRows({ queue, deadLetters }: NonNullable<Target['sqs']>): ResourceRows[] {
  return [
    { resource: ['sqs', queue], rows: queueRows(queue) },
    ...(deadLetters === undefined ? [] : [{ resource: ['sqs', deadLetters], rows: [deadLetterRow(deadLetters)] }]),
  ]
}

const queueRows = (queue: string): Row[] => {
  const of = seriesOf('AWS/SQS', { QueueName: queue })
  return [
    {
      what: 'saturation-messages-count',
      measures: of('ApproximateNumberOfMessagesVisible', 'Maximum'),
      over: 'queueDepth',
      every: MINUTE,
      hold: [8, 10],
      silence: 'fine',
      means: 'More messages wait in the queue than its consumers normally leave.',
      helps: 'Look whether its consumers are gone, slow or failing; add some, or restart those that hang.',
    },
    {
      what: 'saturation-age-seconds',
      measures: of('ApproximateAgeOfOldestMessage', 'Maximum'),
      over: 'queueAgeSeconds',
      every: MINUTE,
      hold: [4, 5],
      silence: 'fine',
      means: 'The oldest message has waited too long: consumers do not keep up, or one message fails again and again.',
      helps: 'Look at the errors of the consumers; a message that always fails belongs to the dead letters.',
    },
    {
      what: 'saturation-growth-count',
      measures: growth(of('ApproximateNumberOfMessagesVisible', 'Average')),
      over: 'queueGrowthPerSecond',
      every: FIVE_MINUTES,
      hold: [3, 3],
      silence: 'fine',
      means:
        'The queue grows without a break: more is sent each second than consumed. It shows long before the depth is alarming.',
      helps: 'Look whether its consumers are gone, slow or failing, or who sends more than before.',
    },
    {
      what: 'saturation-in-flight-count',
      measures: of('ApproximateNumberOfMessagesNotVisible', 'Maximum'),
      over: 'inFlight',
      every: MINUTE,
      hold: [4, 5],
      silence: 'fine',
      means: 'Consumers hold almost as many messages as SQS lets them; then they get no more.',
      helps: 'Look whether consumers delete what they have done, and whether they hang.',
    },
  ]
}

const deadLetterRow = (queue: string): Row => ({
  what: 'errors-dead-letters-count',
  measures: seriesOf('AWS/SQS', { QueueName: queue })('ApproximateNumberOfMessagesVisible', 'Maximum'),
  over: 'deadLetters',
  every: MINUTE,
  hold: [1, 1],
  silence: 'fine',
  means: 'Messages were given up: they failed more often than the queue allows.',
  helps: 'Read one of them and the error of its consumer; after the fix, send them back to their queue.',
})
