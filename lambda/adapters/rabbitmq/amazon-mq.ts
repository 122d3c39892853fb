// Amazon MQ: finds the endpoints of a broker by its name.
import { DescribeBrokerCommand, MqClient, paginateListBrokers } from '@aws-sdk/client-mq'
import { Refused } from '../../ports/tools.ts'
import { assumed, type Identity } from '../cloud/assumed.ts'
import { explain } from '../cloud/errors.ts'

export interface BrokerPlace {
  api: string
  amqp: string
}

/** Looks it up by name, with that identity or that of the process. The console and the management API share one address. */
export function amazonMq(name: string, identity?: Identity): () => Promise<BrokerPlace> {
  const { region, role, session = '' } = identity ?? {}
  const client = new MqClient({
    ...(region !== undefined && { region }),
    ...(region !== undefined && role !== undefined && { credentials: () => assumed({ region, role, session }) }),
  })
  return async () => {
    try {
      const { BrokerInstances: [instance] = [] } = await client.send(
        new DescribeBrokerCommand({ BrokerId: await idOf(client, name) }),
      )
      const amqp = instance?.Endpoints?.find((endpoint) => endpoint.startsWith('amqps://'))
      if (instance?.ConsoleURL === undefined || amqp === undefined)
        throw new Refused(
          `the broker ${name} of Amazon MQ has no address for AMQP 0-9-1 now: is it RabbitMQ, and running?`,
        )
      return { api: instance.ConsoleURL, amqp }
    } catch (error) {
      throw error instanceof Refused ? error : explain(error, 'mq DescribeBroker', role ?? "Tocsin's role")
    }
  }
}

async function idOf(client: MqClient, name: string): Promise<string> {
  for await (const { BrokerSummaries = [] } of paginateListBrokers({ client }, {}))
    for (const { BrokerName, BrokerId } of BrokerSummaries)
      if (BrokerName === name && BrokerId !== undefined) return BrokerId
  throw new Refused(`Amazon MQ has no broker ${name} in this region: check target.rabbitmq.broker and target.region`)
}
