// Which signal a metric is: the table, the words in its name, and the user's own rules before both.
import { SIGNALS, type Signal } from '../../../lambda/core/facts/signals.ts'
import type { Side } from '../../../lambda/core/incident/alarm.ts'
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
    expect(signalOf({ namespace, metric, name: 'some-alarm' })).toBe(signal)
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
    expect(signalOf({ name })).toBe(signal)
  })

  test('also where the metric says nothing', () => {
    expect(signalOf({ namespace: 'Custom', metric: 'Value', name: 'shop-latency' })).toBe('latency')
    expect(signalOf({ namespace: 'Custom', metric: 'Value', name: 'shop-disk' })).toBe('disk')
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'a name that every object has, %s, is a signal too',
    (name) => {
      expect(SIGNALS).toContain(signalOf({ name }))
      expect(SIGNALS).toContain(signalOf({ namespace: name, metric: name, name }))
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
    expect(signalOf({ ...(namespace && { namespace }), ...(metric && { metric }), name: 'x' }, rules)).toBe(signal)
  })

  const CPU = { namespace: 'AWS/EC2', metric: 'CPUUtilization', name: 'x' }
  test('of one config do not leak into another', () => {
    expect(signalOf(CPU, rules)).toBe('saturation')
    expect(signalOf(CPU)).toBe('cpu')
  })
})

describe('the side of the threshold', () => {
  test.each<[string | undefined, string, Side, Signal]>([
    ['AWS/EC2', 'CPUUtilization', 'above', 'cpu'],
    ['AWS/EC2', 'CPUUtilization', 'below', 'other'],
    ['AWS/EC2', 'CPUUtilization', 'outside', 'cpu'],
    ['AWS/EC2', 'CPUCreditBalance', 'below', 'cpu'],
    ['CWAgent', 'cpu_usage_idle', 'below', 'cpu'],
    ['CWAgent', 'cpu_usage_idle', 'above', 'other'],
    ['AWS/AmazonMQ', 'RabbitMQDiskFree', 'below', 'disk'],
    ['AWS/AmazonMQ', 'RabbitMQDiskFree', 'above', 'other'],
    ['AWS/AmazonMQ', 'RabbitMQMemUsed', 'above', 'memory'],
    ['AWS/AmazonMQ', 'MessageReadyCount', 'below', 'other'],
    ['AWS/AmazonMQ', 'ConnectionCount', 'below', 'other'],
    ['AWS/RDS', 'FreeStorageSpace', 'below', 'disk'],
    ['AWS/RDS', 'FreeableMemory', 'below', 'memory'],
    ['AWS/RDS', 'FreeableMemory', 'above', 'other'],
    ['AWS/EBS', 'BurstBalance', 'below', 'saturation'],
    ['AWS/RDS', 'EBSByteBalance%', 'below', 'saturation'],
    ['AWS/EFS', 'PercentIOLimit', 'above', 'saturation'],
    ['AWS/DynamoDB', 'SuccessfulRequestLatency', 'above', 'latency'],
    ['AWS/ApplicationELB', 'TargetResponseTime', 'below', 'other'],
    ['AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', 'above', 'errors'],
    ['AWS/ApplicationELB', 'HealthyHostCount', 'below', 'availability'],
    ['AWS/ApplicationELB', 'UnHealthyHostCount', 'above', 'availability'],
    ['CWAgent', 'disk_inodes_free', 'below', 'disk'],
    ['CWAgent', 'disk_used_percent', 'below', 'other'],
    ['CWAgent', 'mem_available_percent', 'below', 'memory'],
    ['CWAgent', 'procstat_cpu_usage', 'above', 'cpu'],
    ['AWS/RDS', 'CPUCreditBalance', 'below', 'cpu'],
    ['AWS/EC2', 'EBSIOBalance%', 'below', 'saturation'],
    ['Custom', 'days_until_disk_full', 'below', 'disk'],
    [undefined, 'MemberSignups', 'below', 'other'],
  ])('%s %s %s: %s', (namespace, metric, side, signal) => {
    expect(signalOf({ ...(namespace && { namespace }), metric, name: 'x', side })).toBe(signal)
  })

  test('counts for a name too, and not for a rule of the user', () => {
    expect(signalOf({ name: 'api-cpu-low', side: 'below' })).toBe('other')
    expect(signalOf({ name: 'LowDiskSpace', side: 'below' })).toBe('disk')
    expect(signalOf({ name: 'api-cpu', side: 'above' })).toBe('cpu')
    const rules = [{ metric: 'CPUUtilization', signal: 'cpu' as const }]
    expect(signalOf({ metric: 'CPUUtilization', name: 'x', side: 'below' }, rules)).toBe('cpu')
  })
})
