// Where Slack sends clicks: an address that anybody can reach, and a function that believes only what Slack signed.
import { CfnOutput } from 'aws-cdk-lib'
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import type { StageFunction } from './stage-function.ts'

export function openToSlack(respond: StageFunction): void {
  const url = respond.addFunctionUrl({ authType: FunctionUrlAuthType.NONE })
  new CfnOutput(respond, 'Url', { value: url.url, description: "Slack's interactivity request URL" })
}
