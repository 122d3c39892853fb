// Lambda: functions of the user. A call that took too long is not made a second time by itself: it may have acted.
import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda'
import { api } from './api.ts'

export const lambda = api(
  (settings) => new LambdaClient({ ...settings, maxAttempts: 1, requestHandler: { requestTimeout: 60_000 } }),
  {
    Invoke: InvokeCommand,
  },
)
