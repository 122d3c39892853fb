// How a broker is reached.
import type { Target } from '../../core/services/config.ts'

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
   * What its connections are called on the broker. A connection that takes messages first closes earlier ones of that name, which may hang and
   * still hold messages. So two that work on the same virtual host at the same time need two names.
   */
  name: string
}

/** The settings, with the addresses looked up on first use. */
export interface Reached extends Pick<BrokerSettings, 'vhost' | 'credentials' | 'name'> {
  address(): Promise<{ api: string; amqp: string }>
}

/** Where a service's broker answers; empty if the target names no address, which the adapter refuses on use. */
export const brokerAddress = ({ rabbitmq }: Target): Pick<BrokerSettings, 'api' | 'amqp' | 'vhost' | 'name'> => ({
  api: rabbitmq?.api ?? '',
  amqp: rabbitmq?.amqp ?? '',
  vhost: rabbitmq?.vhost ?? '/',
  name: `tocsin ${rabbitmq?.broker ?? ''}`.trim(),
})
