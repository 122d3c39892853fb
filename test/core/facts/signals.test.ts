// Which signal a metric is: the table, the words in its name, and the user's own rules before both.
import { SIGNALS, type Signal } from '../../../lambda/core/facts/signals.ts'
import { signalOf } from '../../../lambda/core/facts/metrics.ts'

describe('a metric that AWS documents', () => {
  test.each<[string, string, Signal]>([
    ['AWS/AmazonMQ', 'RabbitMQDiskFree', 'disk'],
    ['AWS/AmazonMQ', 'RabbitMQMemUsed', 'memory'],
    ['AWS/AmazonMQ', 'MessageReadyCount', 'saturation'],
    ['AWS/ApplicationELB', 'TargetResponseTime', 'latency'],
    ['AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', 'errors'],
    ['AWS/ApplicationELB', 'UnHealthyHostCount', 'availability'],
    ['AWS/ApplicationELB', 'RejectedConnectionCount', 'saturation'],
    ['AWS/RDS', 'FreeStorageSpace', 'disk'],
    ['AWS/RDS', 'FreeableMemory', 'memory'],
    ['AWS/RDS', 'CPUUtilization', 'cpu'],
    ['AWS/RDS', 'DatabaseConnections', 'saturation'],
    ['AWS/RDS', 'DiskQueueDepth', 'saturation'],
    ['AWS/RDS', 'ReadLatency', 'latency'],
    ['AWS/EC2', 'CPUUtilization', 'cpu'],
    ['AWS/EC2', 'StatusCheckFailed', 'availability'],
    ['AWS/Lambda', 'Errors', 'errors'],
    ['AWS/Lambda', 'Duration', 'latency'],
    ['AWS/Lambda', 'Throttles', 'saturation'],
    ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'saturation'],
    ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'saturation'],
    ['AWS/ECS', 'MemoryUtilization', 'memory'],
    ['AWS/ECS', 'CPUUtilization', 'cpu'],
    ['CWAgent', 'disk_used_percent', 'disk'],
    ['CWAgent', 'mem_used_percent', 'memory'],
    ['Custom', 'DatabaseConnectTime', 'latency'],
    ['Custom', 'MemberSignups', 'other'],
  ])('%s %s: %s', (namespace, metric, signal) => {
    expect(signalOf(namespace, metric, 'some-alarm')).toBe(signal)
  })
})

describe('without a metric its name tells', () => {
  test.each<[string, Signal]>([
    ['checkout-5xx-too-high', 'errors'],
    ['shop is down', 'availability'],
    ['orders-dlq-not-empty', 'errors'],
    ['prod/api/p99', 'latency'],
    ['heap-almost-full', 'memory'],
    ['nothing special', 'other'],
    ['', 'other'],
  ])('%j: %s', (name, signal) => {
    expect(signalOf(undefined, undefined, name)).toBe(signal)
  })

  test('also where the metric says nothing', () => {
    expect(signalOf('Custom', 'Value', 'shop-latency')).toBe('latency')
    expect(signalOf('Custom', 'Value', 'shop-disk')).toBe('disk')
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'a name that every object has, %s, is a signal too',
    (name) => {
      expect(SIGNALS).toContain(signalOf(undefined, undefined, name))
      expect(SIGNALS).toContain(signalOf(name, name, name))
    },
  )
})

describe('rules of the user', () => {
  const rules = [
    { namespace: 'Shop', metric: 'Depth', signal: 'latency' as const },
    { namespace: 'Shop', signal: 'errors' as const },
    { metric: 'CPUUtilization', signal: 'saturation' as const },
  ]
  test.each<[string | undefined, string | undefined, Signal]>([
    ['Shop', 'Depth', 'latency'],
    ['Shop', 'Orders', 'errors'],
    ['AWS/EC2', 'CPUUtilization', 'saturation'],
    ['AWS/RDS', 'FreeStorageSpace', 'disk'],
    [undefined, undefined, 'other'],
  ])('%s %s: %s', (namespace, metric, signal) => {
    expect(signalOf(namespace, metric, 'x', rules)).toBe(signal)
  })

  test('of one config do not leak into another', () => {
    expect(signalOf('AWS/EC2', 'CPUUtilization', 'x', rules)).toBe('saturation')
    expect(signalOf('AWS/EC2', 'CPUUtilization', 'x')).toBe('cpu')
  })
})
