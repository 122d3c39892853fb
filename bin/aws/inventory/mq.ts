// Brokers of Amazon MQ.
import { MqClient, paginateListBrokers } from '@aws-sdk/client-mq'
import type { Found } from '../../init/found.ts'
import { CLIENT, once } from '../client.ts'

const client = once(() => new MqClient(CLIENT))

export async function brokers(): Promise<Found[]> {
  const found: Found[] = []
  for await (const { BrokerSummaries = [] } of paginateListBrokers({ client: client() }, {}))
    for (const { BrokerName: broker = '', BrokerId = '', EngineType } of BrokerSummaries) {
      const isRabbit = EngineType?.toUpperCase() === 'RABBITMQ'
      found.push({
        id: broker,
        kind: 'queue',
        what: `Amazon MQ broker (${isRabbit ? 'RabbitMQ' : 'ActiveMQ'})`,
        suffix: 'broker',
        // ActiveMQ reports each of a broker's instances: name-1 and name-2.
        alarms: [{ dimensions: { Broker: isRabbit ? broker : `${broker}-?` } }],
        ...(isRabbit && { target: { rabbitmq: { broker } } }),
        aliases: [broker, BrokerId],
        uses: [],
      })
    }
  return found
}
