// Lambda functions, and the queues that feed them.
import { LambdaClient, paginateListEventSourceMappings, paginateListFunctions } from '@aws-sdk/client-lambda'
import type { Found } from '../../init/found.ts'
import { CLIENT, once } from '../client.ts'

const client = once(() => new LambdaClient(CLIENT))

export async function functions(): Promise<Found[]> {
  const sources = new Map<string, string[]>()
  for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client: client() }, {}))
    for (const { FunctionArn = '', EventSourceArn } of EventSourceMappings)
      if (EventSourceArn !== undefined) {
        const arn = FunctionArn.split(':').slice(0, 7).join(':')
        sources.set(arn, [...(sources.get(arn) ?? []), EventSourceArn])
      }
  const found: Found[] = []
  for await (const { Functions = [] } of paginateListFunctions({ client: client() }, {}))
    for (const { FunctionName: name = '', FunctionArn = '' } of Functions)
      found.push({
        id: name,
        kind: 'service',
        what: 'Lambda function',
        suffix: 'function',
        alarms: [{ dimensions: { FunctionName: name } }],
        target: { lambda: { function: name } },
        aliases: [name, FunctionArn],
        uses: sources.get(FunctionArn) ?? [],
      })
  return found
}
