// How the stages start a timer: escalate's durable function, known by name before it is created, because it also starts itself.
import { ArnFormat, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { StageFunction } from '../stage-function.ts'

/** Durable functions are called by a version or an alias. */
export const ALIAS = 'live'

export const escalateName = (stack: Stack): string => `${stack.stackName}-escalate`

export const timersArn = (stack: Stack): string =>
  stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: `${escalateName(stack)}:${ALIAS}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })

export function maySetTimers(stage: StageFunction): void {
  stage.addToRolePolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [timersArn(Stack.of(stage))] }),
  )
}
