// Whatever waits: durable executions, one for each incident and moment, started by name through an alias.
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Alias, type IVersion } from 'aws-cdk-lib/aws-lambda'
import type { StageFunction } from './stage-function.ts'

/** The longest wait: a reopen window of a week, and a day to spare. */
export const LONGEST_WAIT = Duration.days(8)

const ALIAS = 'live'

/** Known before the function is made, because it also starts itself for what falls due next. */
export const escalateName = (stack: Stack): string => `${stack.stackName}-escalate`

/** With the alias: durable functions are called by a version or an alias. */
export const timersArn = (stack: Stack): string =>
  stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: `${escalateName(stack)}:${ALIAS}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })

export function makeLive(escalate: StageFunction): void {
  new Alias(escalate, 'Live', { aliasName: ALIAS, version: escalate.currentVersion as IVersion })
}

export function maySetTimers(stage: StageFunction): void {
  stage.addToRolePolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [timersArn(Stack.of(stage))] }),
  )
}
