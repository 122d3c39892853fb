// Where Slack sends clicks: an address that anybody can reach, and a function that believes only what Slack signed.
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import type { StageFunction } from './stage-function.ts'

/** Returns the address. */
export const openToSlack = (respond: StageFunction): string =>
  respond.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url
