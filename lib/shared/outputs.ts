// What the command line reads from a deployed stack: outputs whose names stay the same.
import { CfnOutput, type Stack } from 'aws-cdk-lib'
import type { OutputName } from '../outputs.ts'

/** What the config leaves out has no output. */
export function publish(stack: Stack, outputs: Record<OutputName, string | undefined>): void {
  for (const [name, value] of Object.entries(outputs))
    if (value !== undefined) new CfnOutput(stack, name, { value }).overrideLogicalId(name)
}
