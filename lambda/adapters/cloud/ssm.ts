// Systems Manager: parameters, commands on machines, Automation.
import {
  SSMClient,
  DescribeAutomationExecutionsCommand,
  GetAutomationExecutionCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  PutParameterCommand,
  SendCommandCommand,
  StartAutomationExecutionCommand,
  StopAutomationExecutionCommand,
} from '@aws-sdk/client-ssm'
import { api } from '../../ports/api.ts'

export const ssm = api((settings) => new SSMClient(settings), {
  DescribeAutomationExecutions: DescribeAutomationExecutionsCommand,
  GetAutomationExecution: GetAutomationExecutionCommand,
  GetCommandInvocation: GetCommandInvocationCommand,
  GetParameter: GetParameterCommand,
  ListCommandInvocations: ListCommandInvocationsCommand,
  ListCommands: ListCommandsCommand,
  PutParameter: PutParameterCommand,
  SendCommand: SendCommandCommand,
  StartAutomationExecution: StartAutomationExecutionCommand,
  StopAutomationExecution: StopAutomationExecutionCommand,
})
