// What the command line reads of a deployed stack: outputs with names that stay the same.
import { CfnOutput, type Stack } from 'aws-cdk-lib'
import type { OutputName } from '../outputs.ts'

/** What the config leaves out has no output. */
export function publish(stack: Stack, outputs: Record<OutputName, string | undefined>): void {
  for (const [name, value] of Object.entries(outputs))
    if (value !== undefined) new CfnOutput(stack, name, { value }).overrideLogicalId(name)
}
