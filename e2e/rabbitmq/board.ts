// The board that the runs are on: alarms about a queue open an incident, and the config lets the runbook relieve that queue by itself.
import { setTimeout as sleep } from 'node:timers/promises'
import { checkConfig } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import type { Tools } from '../../lambda/ports/tools.ts'
import { intake } from '../../lambda/stages/intake.ts'
import type { remediate } from '../../lambda/stages/remediate.ts'
import { alarmEvent, type TestAlarm } from '../support/alarms.ts'
import type { Order } from './act.ts'
import { tableIn } from './files.ts'

type Runtime = Parameters<typeof intake>[0] & Parameters<typeof remediate>[0]

export const RUNBOOK = 'relieve-queue-backlog'

export async function runtimeOf(order: Order, tools: Tools): Promise<Runtime> {
  return {
    table: await tableIn(order.folder),
    clock: { now: Date.now, sleep, sleepUpTo: (ms) => sleep(Math.random() * ms) },
    rules: rulesOf(configOf(order)),
    tools: () => tools,
    // The process itself goes through both executions of its run; nobody reads a message, and nothing falls due within minutes.
    runs: { start: async () => undefined },
    notices: { changed: async () => undefined },
    timers: { wake: async () => undefined, tell: async () => undefined },
    deadLetters: { keep: (_body, reason) => Promise.reject(new Error(reason)) },
    log(level, message, facts) {
      if (level === 'error') throw new Error(`${message}: ${JSON.stringify(facts)}`)
    },
  }
}

/** All queues are on one broker, and their runs follow each other closely: in production that would hold them back. */
const OFTEN = { cooldownSeconds: 0, perHour: 20, autoPerHour: 20 }

function configOf({ queue, options, api, amqp, vhost, mode = 'auto' }: Order): Config {
  return checkConfig({
    slack: { channel: '#incidents' },
    services: {
      [queue]: { alarms: [{ name: `${queue} *` }], target: { rabbitmq: { api, amqp, vhost, queues: [queue] } } },
    },
    runbooks: [{ runbook: RUNBOOK, when: { service: queue }, mode, with: options }],
    remediation: OFTEN,
  })
}

const alarmsOf = (queue: string): TestAlarm[] =>
  [
    { name: `${queue} memory`, metric: 'RabbitMQMemUsed' },
    { name: `${queue} messages`, metric: 'MessageCount' },
  ].map((alarm) => ({ ...alarm, namespace: 'AWS/AmazonMQ', dimensions: {}, threshold: 1 }))

/** CloudWatch tells of both alarms about the queue. */
export async function tell(runtime: Runtime, queue: string, state: 'ALARM' | 'OK'): Promise<void> {
  const events = alarmsOf(queue).map((alarm) => alarmEvent(alarm, state === 'ALARM' ? 2 : 0))
  await intake(
    runtime,
    events.map((event, place) => ({ id: String(place), body: JSON.stringify(event) })),
  )
}
