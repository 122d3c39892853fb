// Systems Manager: parameters, and scripts that run on machines.
import { Refused } from '../../../lambda/ports/tools.ts'
import { records, text, texts, type Api, type Input, type Place } from './api.ts'
import { runScript, type Printed } from './shell.ts'

interface Command {
  id: string
  document: string
  comment: string
  sentAt: number
  instances: string[]
  /** By machine: when it is done, and how it went. */
  runs: Map<string, { doneAt: number; printed: Printed }>
}

export function ssm({ world, arn, date }: Place): Api {
  const commands: Command[] = []
  const versions = new Map<string, { version: number; at: number }>()

  const send = (input: Input): Command => {
    const document = text(input, 'DocumentName')
    if (document !== 'AWS-RunShellScript') throw new Refused(`InvalidDocument: this world has no document ${document}`)
    const instances = texts(input, 'InstanceIds')
    const missing = instances.find((id) => !world.machines.has(id))
    if (missing !== undefined) throw new Refused(`InvalidInstanceId: there is no managed machine ${missing}`)
    const lines = texts((input['Parameters'] ?? {}) as Input, 'commands')
    const runs = instances.map((id) => {
      const printed = runScript(world, world.machines.get(id)!, lines.join('\n'))
      return [id, { doneAt: world.second + printed.seconds, printed }] as const
    })
    const command: Command = {
      id: `command-${commands.length + 1}`,
      document,
      comment: typeof input['Comment'] === 'string' ? input['Comment'] : '',
      sentAt: world.second,
      instances,
      runs: new Map(runs),
    }
    commands.unshift(command)
    return command
  }
  const find = (id: string): Command => {
    const found = commands.find((one) => one.id === id)
    if (!found) throw new Refused(`InvalidCommandId: there is no command ${id}`)
    return found
  }
  const statusOf = (command: Command, instance: string): 'InProgress' | 'Success' | 'Failed' => {
    const { doneAt, printed } = command.runs.get(instance)!
    return world.second < doneAt ? 'InProgress' : printed.failed ? 'Failed' : 'Success'
  }
  const described = (command: Command) => ({
    CommandId: command.id,
    DocumentName: command.document,
    Comment: command.comment,
    RequestedDateTime: date(command.sentAt),
    InstanceIds: command.instances,
  })

  return {
    GetParameter(input) {
      const name = text(input, 'Name')
      const value = world.parameters.get(name)
      if (value === undefined) throw new Refused(`ParameterNotFound: there is no parameter ${name}`)
      return {
        Parameter: {
          Name: name,
          Type: 'String',
          Value: value,
          Version: versions.get(name)?.version ?? 1,
          LastModifiedDate: date(versions.get(name)?.at ?? -86_400),
          ARN: arn('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`),
        },
      }
    },
    PutParameter(input) {
      const name = text(input, 'Name')
      if (world.parameters.has(name) && input['Overwrite'] !== true)
        throw new Refused(`ParameterAlreadyExists: there is a parameter ${name} already`)
      world.parameters.set(name, text(input, 'Value'))
      const version = (versions.get(name)?.version ?? 1) + 1
      versions.set(name, { version, at: world.second })
      return { Version: version, Tier: 'Standard' }
    },
    SendCommand: (input) => ({ Command: described(send(input)) }),
    ListCommands: (input) => {
      const filters = records(input, 'Filters').map(({ key, value }) => [String(key), String(value)] as const)
      const after = filters.find(([key]) => key === 'InvokedAfter')?.[1]
      return {
        Commands: commands
          .filter(({ sentAt }) => after === undefined || date(sentAt).getTime() >= Date.parse(after))
          .map(described),
      }
    },
    ListCommandInvocations(input) {
      const command = find(text(input, 'CommandId'))
      return {
        CommandInvocations: command.instances.map((id) => {
          const status = statusOf(command, id)
          return {
            CommandId: command.id,
            InstanceId: id,
            Status: status,
            CommandPlugins: [
              {
                Name: 'aws:runShellScript',
                Status: status,
                Output: status === 'InProgress' ? '' : command.runs.get(id)!.printed.output,
              },
            ],
          }
        }),
      }
    },
  }
}
