// RabbitMQ, one virtual host of a broker: Amazon MQ or self-hosted. What is asked goes over its management API, messages over AMQP.
import { Refused } from '../../ports/tools.ts'
import type { Broker } from '../../ports/broker.ts'
import { amqpMessages } from './amqp.ts'
import { managementApi } from './api.ts'

export interface BrokerSettings {
  /** `https://broker.internal:15671`; Amazon MQ has it on 443. Empty: `find` knows. */
  api: string
  /** `amqps://broker.internal:5671`. Empty: `find` knows. */
  amqp: string
  find?: () => Promise<{ api: string; amqp: string }>
  vhost: string
  /** Read again for each connection and call: a secret may rotate. */
  credentials(): Promise<{ username: string; password: string }>
  /**
   * How its connections are called on the broker. A connection that takes messages ends what an earlier one by its name, which may hang, still holds:
   * two that work on the same virtual host at the same time need two names.
   */
  name: string
}

/** The settings with the addresses found, at the first use. */
export interface Reached extends Pick<BrokerSettings, 'vhost' | 'credentials' | 'name'> {
  address(): Promise<{ api: string; amqp: string }>
}

/** Its user needs the tags `monitoring` and `policymaker`, permission to read the queues, and to write to `amq.default` to send messages again. */
export function rabbitmqBroker(settings: BrokerSettings): Broker {
  const { vhost, credentials, name } = settings
  const reached = { vhost, credentials, name, address: addressOf(settings) }
  const { closeConnections, ...asks } = managementApi(reached)
  return { ...asks, ...amqpMessages(reached, closeConnections) }
}

function addressOf({ api, amqp, find }: BrokerSettings): Reached['address'] {
  let found: { api: string; amqp: string } | undefined
  return async () => {
    if (api !== '' && amqp !== '') return { api, amqp }
    if (!find)
      throw new Refused(
        'the target says not where the broker is: write target.rabbitmq.broker for Amazon MQ, or target.rabbitmq.api and target.rabbitmq.amqp',
      )
    found ??= await find()
    return { api: api === '' ? found.api : api, amqp: amqp === '' ? found.amqp : amqp }
  }
}
