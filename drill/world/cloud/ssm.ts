// Systems Manager: parameters, and scripts that run on machines.
import { Refused } from '../../../lambda/ports/tools.ts'
import type { Printed } from '../machines.ts'
import { optional, records, text, texts, type Api, type Input, type Place } from './api.ts'
import { parameters } from './parameters.ts'
import { runScript } from './shell.ts'

interface Command {
  id: string
  document: string
  comment: string
  sentAt: number
  instances: string[]
  /** By machine: when it is done, and how it went. */
  runs: Map<string, { doneAt: number; printed: Printed }>
}

/** As the API documents them: machines a command, characters that are handed out. */
const MACHINES_MOST = 50
const OUTPUT_MOST = 24_000
const ERRORS_MOST = 8_000
/** Until a command is in the list of commands, and until a machine that nobody reaches is given up. */
const LISTED_SECONDS = 4
const UNREACHED_SECONDS = 30

export function ssm(place: Place): Api {
  const { world, date, page } = place
  const commands: Command[] = []

  const send = (input: Input): Command => {
    const document = text(input, 'DocumentName')
    if (document !== 'AWS-RunShellScript') throw new Refused(`InvalidDocument: this world has no document ${document}`)
    const instances = texts(input, 'InstanceIds')
    if (instances.length > MACHINES_MOST)
      throw new Refused(`ValidationException: ${instances.length} instances are more than ${MACHINES_MOST}`)
    const missing = instances.find((id) => !world.machines.has(id))
    if (missing !== undefined) throw new Refused(`InvalidInstanceId: there is no managed machine ${missing}`)
    const comment = optional(input, 'Comment') ?? ''
    if (comment.length > 100) throw new Refused('ValidationException: the comment has more than 100 characters')
    const script = texts((input['Parameters'] ?? {}) as Input, 'commands').join('\n')
    const runs = instances.map((id) => {
      const machine = world.machines.get(id)!
      const run = machine.shell ?? ((text: string) => runScript(world, machine, text))
      const printed = machine.unreachable ? { output: '', failed: true, seconds: UNREACHED_SECONDS } : run(script)
      return [id, { doneAt: world.second + printed.seconds, printed }] as const
    })
    const command: Command = {
      id: `command-${commands.length + 1}`,
      document,
      comment,
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
  /** Systems Manager adds to what a script wrote that it has failed. */
  const errorsOf = ({ errors = '', failed }: Printed): string =>
    [...(errors === '' ? [] : [errors]), ...(failed ? ['failed to run commands: exit status 1'] : [])].join('\n')
  const described = (command: Command) => ({
    CommandId: command.id,
    DocumentName: command.document,
    Comment: command.comment,
    RequestedDateTime: date(command.sentAt),
    InstanceIds: command.instances,
  })

  return {
    ...parameters(place),
    SendCommand: (input) => ({ Command: described(send(input)) }),
    ListCommands(input) {
      const filters = records(input, 'Filters').map(({ key, value }) => [String(key), String(value)] as const)
      const after = filters.find(([key]) => key === 'InvokedAfter')?.[1]
      // The list is behind: what was just sent is not in it.
      const found = commands.filter(
        ({ sentAt }) =>
          world.second - sentAt >= LISTED_SECONDS &&
          (after === undefined || date(sentAt).getTime() >= Date.parse(after)),
      )
      const { items, next } = page(found, optional(input, 'NextToken'), 50)
      return { Commands: items.map(described), ...(next !== undefined && { NextToken: next }) }
    },
    ListCommandInvocations(input) {
      const command = find(text(input, 'CommandId'))
      // Right after sending, Systems Manager lists nothing yet.
      const listed = world.second === command.sentAt ? [] : command.instances
      const { items, next } = page(listed, optional(input, 'NextToken'), MACHINES_MOST)
      return {
        CommandInvocations: items.map((id) => {
          const status = statusOf(command, id)
          return {
            CommandId: command.id,
            InstanceId: id,
            Status: status,
            StatusDetails: status === 'Failed' ? (world.machines.get(id)!.unreachable ?? status) : status,
          }
        }),
        ...(next !== undefined && { NextToken: next }),
      }
    },
    GetCommandInvocation(input) {
      const command = find(text(input, 'CommandId'))
      const id = text(input, 'InstanceId')
      if (world.second === command.sentAt || !command.runs.has(id))
        throw new Refused(`InvocationDoesNotExist: ${command.id} has no invocation on ${id}`)
      const { printed } = command.runs.get(id)!
      const isDone = statusOf(command, id) !== 'InProgress'
      return {
        Status: statusOf(command, id),
        StandardOutputContent: isDone ? printed.output.slice(0, OUTPUT_MOST) : '',
        StandardErrorContent: isDone ? errorsOf(printed).slice(0, ERRORS_MOST) : '',
      }
    },
  }
}
