// Alarms of an Amazon MQ broker for RabbitMQ. https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-logging-monitoring.html
import type { Target } from '../../lambda/core/services/config.ts'
import { growth, hoursLeft, percentOf } from './formulas.ts'
import { FIVE_MINUTES, MINUTE, seriesOf, type ResourceRows, type Row } from './row.ts'
import { silent } from './silent.ts'

/** https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-sizing-guidelines.html: mq.m5.large, the smallest for production. */
const MOST_CONNECTIONS = 5000

const RELIEF = 'Find the queue that grows and make its consumers work again; what nobody needs any more can be purged.'

export function rabbitmqRows({
  broker,
  vhost,
  queues,
  maxConnections,
}: NonNullable<Target['rabbitmq']>): ResourceRows[] {
  if (broker === undefined) return []
  const exact = queues.filter((queue) => !/[*?]/.test(queue))
  return [
    { resource: ['rabbitmq', broker], rows: brokerRows(broker, maxConnections ?? MOST_CONNECTIONS) },
    ...exact.map((queue) => ({ resource: ['rabbitmq', broker, vhost, queue], rows: [queueRow(broker, vhost, queue)] })),
  ]
}

/** In a cluster, each metric has a datapoint for every node: the fullest counts, because one is enough to block all publishers. */
function brokerRows(broker: string, maxConnections: number): Row[] {
  const of = seriesOf('AWS/AmazonMQ', { Broker: broker })
  const [free, limit] = [of('RabbitMQDiskFree', 'Minimum'), of('RabbitMQDiskFreeLimit', 'Maximum')]
  return [
    {
      what: 'disk-free-of-limit-percent',
      measures: percentOf(free, limit),
      under: 'diskFreeOfLimitPercent',
      every: MINUTE,
      hold: [2, 3],
      silence: 'unknown',
      means: 'The broker has little more free disk than the limit at which it blocks everybody who publishes.',
      helps: RELIEF,
    },
    {
      what: 'disk-full-hours',
      measures: hoursLeft(free, limit),
      under: 'diskFullHours',
      every: FIVE_MINUTES,
      hold: [3, 3],
      silence: 'unknown',
      means:
        'At the pace of the last minutes the disk of the broker reaches its limit within hours, and publishers are blocked then.',
      helps: RELIEF,
    },
    {
      what: 'memory-used-percent',
      measures: percentOf(of('RabbitMQMemUsed', 'Maximum'), of('RabbitMQMemLimit', 'Minimum')),
      over: 'memoryUsedPercent',
      every: MINUTE,
      hold: [3, 5],
      silence: 'unknown',
      means: 'The broker comes near its memory high watermark, at which it blocks everybody who publishes.',
      helps: RELIEF,
    },
    {
      what: 'saturation-messages-count',
      measures: of('MessageCount', 'Maximum'),
      over: 'queueDepth',
      every: MINUTE,
      hold: [4, 5],
      silence: 'unknown',
      means: 'More messages wait in the broker than its consumers normally leave.',
      helps: 'Look which consumers are gone, slow or failing; add some, or restart those that hang.',
    },
    {
      what: 'saturation-growth-count',
      measures: growth(of('MessageCount', 'Average')),
      over: 'queueGrowthPerSecond',
      every: FIVE_MINUTES,
      hold: [3, 3],
      silence: 'unknown',
      means:
        'The queues grow without a break: more is published each second than consumed. It shows long before the depth is alarming.',
      helps: 'Look which consumers are gone, slow or failing, or who publishes more than before.',
    },
    {
      what: 'saturation-connections-count',
      measures: of('ConnectionCount', 'Maximum'),
      over: 'connectionsPercent',
      scaled: (percent) => (percent / 100) * maxConnections,
      every: MINUTE,
      hold: [4, 5],
      silence: 'unknown',
      means: 'The broker has almost as many connections as it allows; the next clients will be refused.',
      helps: 'Look for a client that opens connections and does not close them; restart it.',
    },
    {
      what: 'cpu-percent',
      measures: of('SystemCpuUtilization', 'Maximum'),
      over: 'cpuPercent',
      every: MINUTE,
      hold: [4, 5],
      silence: 'unknown',
      means: 'The CPU of the broker is busy; deliveries become slow.',
      helps:
        'Look for connections that come and go, and for many unacknowledged messages; a larger instance type helps at once.',
    },
    silent(of('RabbitMQMemUsed', 'SampleCount'), 'The broker reports nothing: it is down, or it restarts.'),
  ]
}

function queueRow(broker: string, vhost: string, queue: string): Row {
  return {
    what: 'saturation-messages-count',
    measures: seriesOf('AWS/AmazonMQ', { Broker: broker, VirtualHost: vhost, Queue: queue })('MessageCount', 'Maximum'),
    over: 'queueDepth',
    every: MINUTE,
    hold: [4, 5],
    // CloudWatch has only the 500 queues with the most consumers, so a queue may drop out.
    silence: 'unknown',
    means: 'More messages wait in this queue than its consumers normally leave.',
    helps: 'Look whether its consumers are gone, slow or failing; add some, or restart those that hang.',
  }
}
