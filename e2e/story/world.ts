// What the story builds on: the deployed stack's world, a real broker, what measures both, and the config that ties them together.
import { writeFileSync } from 'node:fs'
import type { ChannelModel } from 'amqplib'
import type { Incident } from '../../lambda/core/incident/incident.ts'
import type { Run } from '../../lambda/core/incident/run.ts'
import type { Broker } from '../../lambda/ports/broker.ts'
import type { World as Deployed } from '../deploy/world.ts'
import { VHOST } from '../rabbitmq/world.ts'
import type { Publishers } from '../rabbitmq/publishers.ts'
import type { RabbitMq } from '../rabbitmq/start.ts'
import { readBoard } from '../support/aws.ts'
import { CHANNEL } from '../support/slack.ts'
import { check } from '../support/steps.ts'

export interface World extends Deployed {
  rabbit: RabbitMq
  /** Reads it as its owners do. */
  broker: Broker
  connect(): Promise<ChannelModel>
  publishers: Publishers
  /** When publishers were blocked (ms). */
  blockedAt: number
}

/** The name that Amazon MQ would use. */
export const BROKER = 'studio-broker'
/** Secrets Manager secret with the broker's login. */
export const LOGIN = 'studio/broker'
export const ECS = { cluster: 'studio', service: 'athena' }
export const MAX_LENGTH = 5_000
/** Short, because somebody is waiting. */
const GRACE_SECONDS = 30

export function writeConfig(file: string, { api, amqp }: RabbitMq): void {
  const rabbitmq = { broker: BROKER, api, amqp, secret: LOGIN, vhost: VHOST, queues: ['campaign-*'] }
  const config = {
    slack: { channel: `#${CHANNEL.name}` },
    services: {
      'message-broker': {
        title: 'Message broker',
        kind: 'queue',
        target: { rabbitmq },
        alarms: [{ namespace: 'AWS/AmazonMQ', dimensions: { Broker: BROKER } }],
      },
      athena: { title: 'Athena', target: { ecs: ECS }, alarms: [{ dimensions: { service: 'athena' } }] },
    },
    runbooks: [
      {
        runbook: 'relieve-queue-backlog',
        when: { service: 'message-broker', signals: ['memory', 'disk', 'saturation'] },
        mode: 'suggest',
        // Below the alarm's threshold: a queue at its limit no longer fires the alarm.
        with: { maxLength: MAX_LENGTH },
      },
      { runbook: 'rolling-restart', when: { service: 'athena', signals: ['latency'] }, mode: 'suggest' },
    ],
    // Amazon MQ publishes metrics once a minute; here they come every two seconds: one change there may be several here.
    correlation: { resolveGraceSeconds: GRACE_SECONDS, flap: { changes: 20, withinSeconds: 60 } },
  }
  writeFileSync(file, JSON.stringify(config, null, 2))
}

/** The incident about this service, as stored in the table. */
export async function incidentOf({ aws, outputs }: World, service: string): Promise<Incident> {
  const { incidents } = await readBoard(aws, outputs.TableName)
  const found = Object.values(incidents).find(({ services }) => Object.hasOwn(services, service))
  check(found !== undefined, `the board has no incident of ${service}`)
  return found
}

export async function runOf(world: World, service: string): Promise<Run> {
  const run = (await incidentOf(world, service)).runs?.at(-1)
  check(run !== undefined, 'no runbook was thought of')
  return run
}
