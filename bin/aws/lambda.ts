// What Lambda allows in this account, and whether it knows durable functions.
import {
  GetAccountSettingsCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListDurableExecutionsByFunctionCommand,
} from '@aws-sdk/client-lambda'
import { CLIENT, once } from './client.ts'

const client = once(() => new LambdaClient(CLIENT))

export interface Concurrency {
  most: number
  unreserved: number
}

export async function concurrency(): Promise<Concurrency> {
  const { AccountLimit } = await client().send(new GetAccountSettingsCommand({}))
  const most = AccountLimit?.ConcurrentExecutions ?? 0
  return { most, unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? most }
}

/** How many seconds one execution may last; undefined if the function is not durable. */
export async function durableFor(FunctionName: string): Promise<number | undefined> {
  const { DurableConfig } = await client().send(new GetFunctionConfigurationCommand({ FunctionName }))
  return DurableConfig?.ExecutionTimeout
}

/**
 * No API lists the regions that have durable functions. But asked for the executions of a function that does not exist, Lambda answers there that
 * there is no such function, and elsewhere that it does not know the operation. Undefined if the answer is neither.
 */
export async function knowsDurableFunctions(): Promise<boolean | undefined> {
  try {
    await client().send(new ListDurableExecutionsByFunctionCommand({ FunctionName: 'tocsin-doctor-asks', MaxItems: 1 }))
    return true
  } catch (error) {
    const { name, message } = error as Error
    if (name === 'ResourceNotFoundException') return true
    if (
      /UnknownOperation|Unable to determine (the )?(service\/)?operation|not supported in this region/i.test(
        `${name} ${message}`,
      )
    )
      return false
    if (/^(AccessDenied|InvalidParameterValue|Unknown)/.test(name)) return undefined
    throw error
  }
}
