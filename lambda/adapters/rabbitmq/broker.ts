// RabbitMQ, one virtual host of a broker: Amazon MQ or self-hosted. Queries and policies go over the management API, messages over AMQP.
import { Refused } from '../../ports/tools.ts'
import type { Broker } from '../../ports/broker.ts'
import { amqpMessages } from './amqp.ts'
import { managementApi } from './api.ts'
import type { BrokerSettings, Reached } from './settings.ts'

/** Its user needs the tags `monitoring` and `policymaker`, permission to read the queues, and to write to `amq.default` to resend messages. */
export function rabbitmqBroker(settings: BrokerSettings): Broker {
  const { vhost, credentials, name } = settings
  const reached = { vhost, credentials, name, address: addressOf(settings) }
  const { closeConnections, ...asks } = managementApi(reached)
  return { ...asks, ...amqpMessages(reached, closeConnections) }
}

function addressOf({ api, amqp, find }: BrokerSettings): Reached['address'] {
  let found: Promise<{ api: string; amqp: string }> | undefined
  return async () => {
    if (api !== '' && amqp !== '') return { api, amqp }
    if (!find)
      throw new Refused(
        'the target does not say where the broker is: write target.rabbitmq.broker for Amazon MQ, or target.rabbitmq.api and target.rabbitmq.amqp',
      )
    found ??= find().catch((error: unknown) => {
      found = undefined
      throw error
    })
    const place = await found
    return { api: api === '' ? place.api : api, amqp: amqp === '' ? place.amqp : amqp }
  }
}
