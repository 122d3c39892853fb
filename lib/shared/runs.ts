// The names by which stages start runbooks: each runbook is a durable function of its own, called through an alias.
import { ArnFormat, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Config } from '../../lambda/core/services/config.ts'
import type { StageFunction } from '../stage-function.ts'

export const RUN_ALIAS = 'live'

export const runName = (stack: Stack, runbook: string): string => `${stack.stackName}-run-${runbook}`

/** With `*` for the runbook's name. */
export const runsArn = (stack: Stack): string => liveArn(stack, '*')

const liveArn = (stack: Stack, runbook: string): string =>
  stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: `${runName(stack, runbook)}:${RUN_ALIAS}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })

/** Only the runbooks that the config names. */
export function mayStartRuns(stage: StageFunction, config: Config): void {
  const names = namesOf(config)
  if (names.length === 0) return
  stage.addToRolePolicy(
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: names.map((name) => liveArn(Stack.of(stage), name)),
    }),
  )
}

/** For the runbooks that the config may run. */
export const namesOf = ({ runbooks }: Pick<Config, 'runbooks'>): string[] => [
  ...new Set(runbooks.map(({ runbook }) => runbook)),
]
