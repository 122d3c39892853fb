// Systems Manager: parameters, machines that take a few seconds to run scripts, and Automation.
import type { Actions, Clock } from './cloud.ts'

/** What a script prints on a machine; throws if it fails. The first line says which script it is. */
export type Machine = (script: string) => string

interface Started {
  ClientToken: string
  Parameters: Record<string, string[]>
  at: number
  stopped?: boolean
}

interface Command {
  id: string
  comment: string
  at: number
  machines: string[]
  printed: Record<string, { text: string; failed: boolean }>
}

interface Sent {
  InstanceIds: string[]
  Comment: string
  Parameters: { commands: string[] }
}

export interface FakeSsm {
  actions: Actions
  parameters: Record<string, { value: string; at: number; type?: string }>
  /** Every script that was sent, by name, with its machines. */
  sent: { name: string; machines: string[] }[]
  automation: { status: string; started: Started[] }
}

const SECONDS = 3

export function fakeSsm(clock: Clock, machines: Record<string, Machine> = {}): FakeSsm {
  const commands: Command[] = []
  const self: FakeSsm = { actions: {}, parameters: {}, sent: [], automation: { status: 'Success', started: [] } }
  const statusOf = (command: Command, machine: string): string =>
    clock.now - command.at < SECONDS * 1000 ? 'InProgress' : command.printed[machine]!.failed ? 'Failed' : 'Success'
  const run = (machine: string, script: string): { text: string; failed: boolean } => {
    try {
      return { text: machines[machine]!(script), failed: false }
    } catch (error) {
      return { text: (error as Error).message, failed: true }
    }
  }
  self.actions = {
    GetParameter({ Name }: { Name: string }) {
      const { value, at, type = 'String' } = self.parameters[Name]!
      return { Parameter: { Name, Value: value, Type: type, LastModifiedDate: new Date(at) } }
    },
    PutParameter({ Name, Value, Overwrite }: { Name: string; Value: string; Overwrite?: boolean }) {
      if (!Overwrite) throw new Error('ParameterAlreadyExists')
      self.parameters[Name] = { value: Value, at: clock.now }
      return { Version: 2 }
    },
    SendCommand({ InstanceIds, Comment, Parameters }: Sent) {
      if (Comment.length > 100) throw new Error('ValidationException: Comment')
      const script = Parameters.commands.join('\n')
      self.sent.push({ name: /^: 'tocsin (.*)'$/m.exec(script)![1]!, machines: InstanceIds })
      const printed = Object.fromEntries(InstanceIds.map((id) => [id, run(id, script)]))
      commands.push({ id: `c${commands.length}`, comment: Comment, at: clock.now, machines: InstanceIds, printed })
      return { Command: { CommandId: commands.at(-1)!.id } }
    },
    ListCommands({ Filters, NextToken }: { Filters: { key: string; value: string }[]; NextToken?: string }) {
      const after = Date.parse(Filters.find(({ key }) => key === 'InvokedAfter')!.value)
      const found = commands.filter(({ at }) => at >= after).reverse()
      const from = Number(NextToken ?? 0)
      return {
        Commands: found.slice(from, from + 1).map(({ id, comment }) => ({ CommandId: id, Comment: comment })),
        ...(from + 1 < found.length && { NextToken: String(from + 1) }),
      }
    },
    ListCommandInvocations({ CommandId }: { CommandId: string }) {
      const command = commands.find(({ id }) => id === CommandId)!
      // Right after sending, Systems Manager lists nothing yet.
      if (clock.now === command.at) return { CommandInvocations: [] }
      return {
        CommandInvocations: command.machines.map((id) => ({
          InstanceId: id,
          Status: statusOf(command, id),
          CommandPlugins: [{ Output: statusOf(command, id) === 'InProgress' ? '' : command.printed[id]!.text }],
        })),
      }
    },
    StartAutomationExecution(input: Omit<Started, 'at'>) {
      const known = self.automation.started.findIndex(({ ClientToken }) => ClientToken === input.ClientToken)
      if (known >= 0) throw new Error('the token was used before')
      self.automation.started.push({ ...input, at: clock.now })
      return { AutomationExecutionId: `e${self.automation.started.length - 1}` }
    },
    DescribeAutomationExecutions: ({ Filters }: { Filters: { Key: string; Values: string[] }[] }) => ({
      AutomationExecutionMetadataList: self.automation.started.flatMap(({ at }, place) =>
        at >= Date.parse(Filters.find(({ Key }) => Key === 'StartTimeAfter')!.Values[0]!)
          ? [{ AutomationExecutionId: `e${place}` }]
          : [],
      ),
    }),
    GetAutomationExecution({ AutomationExecutionId }: { AutomationExecutionId: string }) {
      const { Parameters, at, stopped } = self.automation.started[Number(AutomationExecutionId.slice(1))]!
      const isOver = clock.now - at >= 30_000
      const status = stopped ? 'Cancelled' : isOver ? self.automation.status : 'InProgress'
      return {
        AutomationExecution: {
          AutomationExecutionStatus: status,
          Parameters,
          ...(status === 'Failed' && { FailureMessage: 'step 2 failed' }),
        },
      }
    },
    StopAutomationExecution({ AutomationExecutionId }: { AutomationExecutionId: string }) {
      self.automation.started[Number(AutomationExecutionId.slice(1))]!.stopped = true
      return {}
    },
  }
  return self
}
