// Measures the broker and publishes its metrics as Amazon MQ does, continuously, whatever happens.
import { DescribeAlarmsCommand, PutMetricDataCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch'
import type { BrokerNode } from '../../lambda/ports/broker.ts'
import type { TestAlarm } from '../support/alarms.ts'
import { every } from './every.ts'
import { BROKER, type World } from './world.ts'

/** Amazon MQ: once a minute, too long to wait here; the broker measures itself every 5 seconds. */
const EVERY_MS = 2_000
const NAMESPACE = 'AWS/AmazonMQ'
const ON_BROKER = { namespace: NAMESPACE, dimensions: { Broker: BROKER } }

/** Such a small broker needs much of its memory for itself: at the usual 80 percent the alarm would always fire. */
const MEMORY_SHARE = 0.9
const MESSAGES = 6_000

export const alarmsOf = ({ memoryLimit }: BrokerNode): TestAlarm[] => [
  { ...ON_BROKER, name: `${BROKER} memory`, metric: 'RabbitMQMemUsed', threshold: memoryLimit * MEMORY_SHARE },
  { ...ON_BROKER, name: `${BROKER} messages`, metric: 'MessageCount', threshold: MESSAGES },
]

export async function brokerAlarms({ aws }: World): Promise<MetricAlarm[]> {
  const { MetricAlarms = [] } = await aws.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: `${BROKER} ` }))
  return MetricAlarms
}

/** Returns a function that ends it. A restarting broker reports nothing, and Amazon MQ then publishes nothing. */
export const measure = (world: World): (() => Promise<void>) => every(EVERY_MS, () => publish(world))

async function publish({ broker, aws }: World): Promise<void> {
  const [[node], queues] = await Promise.all([broker.nodes(), broker.queues()])
  if (!node) return
  const values = {
    RabbitMQMemUsed: node.memoryUsed,
    RabbitMQMemLimit: node.memoryLimit,
    RabbitMQDiskFree: node.diskFree,
    RabbitMQDiskFreeLimit: node.diskFreeLimit,
    MessageCount: queues.reduce((sum, { messages }) => sum + messages, 0),
  }
  const Dimensions = [{ Name: 'Broker', Value: BROKER }]
  const MetricData = Object.entries(values).map(([MetricName, Value]) => ({ MetricName, Value, Dimensions }))
  await aws.cloudWatch.send(new PutMetricDataCommand({ Namespace: NAMESPACE, MetricData }))
}
