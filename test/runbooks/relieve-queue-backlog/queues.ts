// Queues as the broker tells of them, for tests of what is decided about them.
import type { BrokerNode, BrokerQueue, Consumer } from '../../../lambda/ports/broker.ts'

export const MIB = 1024 ** 2

export const queue = (name: string, messages: number, bytes: number, more: Partial<BrokerQueue> = {}): BrokerQueue => ({
  name,
  type: 'classic',
  measured: true,
  messages,
  ready: messages,
  bytes,
  readyBytes: bytes,
  consumers: [],
  published: 0,
  acknowledged: 0,
  arguments: {},
  effective: {},
  autoDelete: false,
  exclusive: false,
  state: 'running',
  ...more,
})

export const worker = (name = 'worker', exclusive = false): Consumer => ({ connection: name, exclusive })

export const node = (more: Partial<BrokerNode> = {}): BrokerNode => ({
  name: 'rabbit@one',
  memoryUsed: 1000 * MIB,
  memoryLimit: 1000 * MIB,
  diskFree: 5000 * MIB,
  diskFreeLimit: 1000 * MIB,
  blocked: false,
  ...more,
})
