// Where a service's RabbitMQ broker answers.
import type { Target } from './services/config.ts'

export interface BrokerAddress {
  api: string
  amqp: string
  vhost: string
  /** How its connections are called on the broker. */
  name: string
}

/** Empty addresses where the target has no broker: the adapter refuses them when it is used. */
export const brokerAddress = ({ rabbitmq }: Target): BrokerAddress => ({
  api: rabbitmq?.api ?? '',
  amqp: rabbitmq?.amqp ?? '',
  vhost: rabbitmq?.vhost ?? '/',
  name: `tocsin ${rabbitmq?.broker ?? ''}`.trim(),
})
