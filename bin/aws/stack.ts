// The deployed stack, and what it says about itself.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import type { OutputName } from '../../lib/outputs.ts'
import { UserError } from '../load-config.ts'
import { CLIENT, once } from './client.ts'

export interface Stack {
  name: string
  status: string
  account: string
  region: string
  outputs: Readonly<Record<string, string>>
}

const client = once(() => new CloudFormationClient(CLIENT))

export async function findStack(name: string): Promise<Stack | undefined> {
  try {
    const { Stacks: [found] = [] } = await client().send(new DescribeStacksCommand({ StackName: name }))
    if (!found) return undefined
    const [, , , region = '', account = ''] = (found.StackId ?? '').split(':')
    const outputs = (found.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? ''])
    return {
      name,
      status: found.StackStatus ?? '',
      account,
      region,
      outputs: Object.fromEntries(outputs) as Stack['outputs'],
    }
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined
    throw error
  }
}

/** Throws a `UserError` if it is not deployed, or incomplete. */
export async function deployedStack(name: string): Promise<Stack> {
  const stack = await findStack(name)
  if (!stack)
    throw new UserError(
      `the stack ${name} is not deployed in this account and region: run npx cdk deploy, or name another one with --stack, --region or --profile`,
    )
  return stack
}

export function output(stack: Stack, name: OutputName): string {
  const value = stack.outputs[name]
  if (value === undefined)
    throw new UserError(
      `the stack ${stack.name} (${stack.status}) has no output ${name}: deploy it again with this version, npx cdk deploy`,
    )
  return value
}
