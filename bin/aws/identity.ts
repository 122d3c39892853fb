// Who we are to AWS, and where.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { CLIENT, once } from './client.ts'

export interface Identity {
  account: string
  arn: string
  region: string
}

const client = once(() => new STSClient(CLIENT))

export async function whoAmI(): Promise<Identity> {
  const region = await client().config.region()
  const { Account = '', Arn = '' } = await client().send(new GetCallerIdentityCommand({}))
  return { account: Account, arn: Arn, region }
}
