// What is said of too little, and of too much of what should be much; by whole words, since parts of words are found everywhere.
import { sideWords } from '../../../lambda/core/words/sides.ts'
import { signalOf } from '../../../lambda/core/facts/metrics.ts'

const below = (metric: string, threshold = 1, value = 0) =>
  sideWords({ name: 'a', metric, threshold, value, side: 'below' })

test.each([
  ['CPUUtilization', 5, 1.5, 'CPU below 5%: idle'],
  ['mem_used_percent', 10, 4, 'memory below 10%: idle'],
  ['DatabaseConnections', 1, 0, 'nobody connects'],
  ['ApproximateNumberOfMessagesVisible', 1, 0, 'no messages arrive'],
  ['NumberOfMessagesSent', 1, 0, 'no messages arrive'],
  ['RequestCount', 1, 0, 'no requests arrive'],
  ['Requests', 1, 0, 'no requests arrive'],
  ['Orders', 10, 3, 'Orders below 10'],
  ['EssentialServicesUp', 1, 0, 'EssentialServicesUp below 1'],
  ['BorderRouterUp', 1, 0, 'BorderRouterUp below 1'],
  ['ArchitectureNodeCount', 1, 0, 'ArchitectureNodeCount below 1'],
  ['CacheHitRate', 1, 0, 'CacheHitRate below 1'],
  ['SalesforceSyncSuccess', 1, 0, 'SalesforceSyncSuccess below 1'],
])('%s below %d at %d: %s', (metric, threshold, value, words) => expect(below(metric, threshold, value)).toBe(words))

test.each([
  ['System/Linux', 'DiskSpaceUtilization', 'above', 'disk'],
  ['Airflow', 'airflow_memory_usage_bytes', 'above', 'memory'],
  ['App', 'WorkflowHeapUsed', 'above', 'memory'],
  ['App', 'FreeSwitchMemoryUsage', 'above', 'memory'],
  ['App', 'UnbalancedQueueDepth', 'above', 'saturation'],
  ['AWS/RDS', 'FreeStorageSpace', 'below', 'disk'],
  ['AWS/RDS', 'FreeableMemory', 'below', 'memory'],
  ['CWAgent', 'mem_available_percent', 'below', 'memory'],
  ['AWS/DX', 'ConnectionState', 'below', 'availability'],
  ['AWS/VPN', 'TunnelState', 'below', 'availability'],
  ['AWS/CloudWatchSynthetics', 'SuccessPercent', 'below', 'availability'],
] as const)('%s %s %s is %s', (namespace, metric, side, signal) => {
  expect(signalOf({ namespace, metric, name: 'a', side })).toBe(signal)
})
