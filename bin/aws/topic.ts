// Who is subscribed to a topic, and who has not confirmed yet.
import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns'
import { CLIENT, once } from './client.ts'

export interface Subscriber {
  protocol: string
  endpoint: string
  confirmed: boolean
}

const client = once(() => new SNSClient(CLIENT))

export async function subscribersOf(TopicArn: string): Promise<Subscriber[]> {
  const found: Subscriber[] = []
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: client() }, { TopicArn }))
    for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of Subscriptions)
      found.push({ protocol: Protocol, endpoint: Endpoint, confirmed: SubscriptionArn.startsWith('arn:') })
  return found
}
