// Is the account ready for the CDK? The CDK marks that with a parameter.
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm'
import { CLIENT, once } from './client.ts'

const client = once(() => new SSMClient(CLIENT))

/** Undefined if `cdk bootstrap` has not run. */
export async function bootstrapVersion(): Promise<number | undefined> {
  try {
    const { Parameter } = await client().send(new GetParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version' }))
    return Number(Parameter?.Value)
  } catch (error) {
    if (error instanceof ParameterNotFound || (error as Error).name === 'ParameterNotFound') return undefined
    throw error
  }
}
