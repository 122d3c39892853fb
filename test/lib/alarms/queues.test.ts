// What is watched on brokers and queues. Each line is one alarm as CloudFormation gets it.
import { expect, test } from '@jest/globals'
import { linesFor } from './made.ts'

test.each<[string, Parameters<typeof linesFor>[0], string[]]>([
  [
    'a broker of Amazon MQ, and the queue that is named in full',
    { rabbitmq: { broker: 'studio-broker', queues: ['emails', 'tmp.*'] } },
    [
      'rabbitmq:studio-broker/disk-free-of-limit-percent: 100 * part / whole where part = Minimum of AWS/AmazonMQ RabbitMQDiskFree {Broker: studio-broker}, whole = Maximum of AWS/AmazonMQ RabbitMQDiskFreeLimit {Broker: studio-broker}, < 200, 2 of 3 × 60 s, missing',
      'rabbitmq:studio-broker/disk-full-hours: (free - reserve) / (3600 * IF(0 - RATE(free) > 1, 0 - RATE(free), 1)) where free = Minimum of AWS/AmazonMQ RabbitMQDiskFree {Broker: studio-broker}, reserve = Maximum of AWS/AmazonMQ RabbitMQDiskFreeLimit {Broker: studio-broker}, < 4, 3 of 3 × 300 s, missing',
      'rabbitmq:studio-broker/memory-used-percent: 100 * part / whole where part = Maximum of AWS/AmazonMQ RabbitMQMemUsed {Broker: studio-broker}, whole = Minimum of AWS/AmazonMQ RabbitMQMemLimit {Broker: studio-broker}, > 80, 3 of 5 × 60 s, missing',
      'rabbitmq:studio-broker/saturation-messages-count: Maximum of AWS/AmazonMQ MessageCount {Broker: studio-broker} > 10000, 4 of 5 × 60 s, missing',
      'rabbitmq:studio-broker/saturation-growth-count: RATE(depth) where depth = Average of AWS/AmazonMQ MessageCount {Broker: studio-broker}, > 10, 3 of 3 × 300 s, missing',
      'rabbitmq:studio-broker/saturation-connections-count: Maximum of AWS/AmazonMQ ConnectionCount {Broker: studio-broker} > 4000, 4 of 5 × 60 s, missing',
      'rabbitmq:studio-broker/cpu-percent: Maximum of AWS/AmazonMQ SystemCpuUtilization {Broker: studio-broker} > 80, 4 of 5 × 60 s, missing',
      'rabbitmq:studio-broker/availability-reports-count: SampleCount of AWS/AmazonMQ RabbitMQMemUsed {Broker: studio-broker} < 1, 2 of 2 × 300 s, breaching',
      'rabbitmq:studio-broker:|:emails/saturation-messages-count: Maximum of AWS/AmazonMQ MessageCount {Broker: studio-broker, Queue: emails, VirtualHost: /} > 10000, 4 of 5 × 60 s, missing',
    ],
  ],
  [
    'an SQS queue and its dead letters',
    { sqs: { queue: 'orders', deadLetters: 'orders-dead' } },
    [
      'sqs:orders/saturation-messages-count: Maximum of AWS/SQS ApproximateNumberOfMessagesVisible {QueueName: orders} > 10000, 8 of 10 × 60 s, notBreaching',
      'sqs:orders/saturation-age-seconds: Maximum of AWS/SQS ApproximateAgeOfOldestMessage {QueueName: orders} > 600, 4 of 5 × 60 s, notBreaching',
      'sqs:orders/saturation-growth-count: RATE(depth) where depth = Average of AWS/SQS ApproximateNumberOfMessagesVisible {QueueName: orders}, > 10, 3 of 3 × 300 s, notBreaching',
      'sqs:orders/saturation-in-flight-count: Maximum of AWS/SQS ApproximateNumberOfMessagesNotVisible {QueueName: orders} > 108000, 4 of 5 × 60 s, notBreaching',
      'sqs:orders-dead/errors-dead-letters-count: Maximum of AWS/SQS ApproximateNumberOfMessagesVisible {QueueName: orders-dead} > 0, 1 of 1 × 60 s, notBreaching',
    ],
  ],
])('of brokers and queues: %s', (_, target, lines) => {
  expect(linesFor(target)).toEqual(lines)
})
