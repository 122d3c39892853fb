// What the command line reads of a deployed stack: outputs with names that stay the same.
import { CfnOutput, type Stack } from 'aws-cdk-lib'
import type { OutputName } from '../lambda/core/outputs.ts'

export function publish(stack: Stack, outputs: Record<OutputName, string>): void {
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value }).overrideLogicalId(name)
}
