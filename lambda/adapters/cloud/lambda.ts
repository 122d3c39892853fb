// Lambda: the user's functions. A call that took too long is not repeated automatically: it may have acted.
import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda'
import { api } from '../../ports/api.ts'

export const lambda = api(
  (settings) => new LambdaClient({ ...settings, maxAttempts: 1, requestHandler: { requestTimeout: 60_000 } }),
  {
    Invoke: InvokeCommand,
  },
)
