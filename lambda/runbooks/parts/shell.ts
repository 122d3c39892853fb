// Fixed scripts on machines, through Systems Manager. Variable parts come from the config and are quoted; nothing comes from an alarm.
import { hash } from 'node:crypto'
import type { Target } from '../../core/services/config.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import type { Place, Statement } from '../runbook.ts'
import { arnOf } from './arn.ts'

const DOCUMENT = 'AWS-RunShellScript'

/** For a shell: one word, whatever it contains. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

export interface Script {
  /** What it is for; also how a later turn finds the command that an earlier one sent. */
  name: string
  instances: string[]
  lines: string[]
  /** It is given up after this long. */
  seconds: number
}

/** What each machine printed, by id. Functions return undefined while some are not done. */
export type Printed = Record<string, string>

interface Invocation {
  InstanceId: string
  Status: string
  CommandPlugins?: { Output?: string }[]
}

/** By which a command is found again. SSM: at most 100 characters, so a longer one ends in a hash that tells it apart. */
function commentOf(run: string, name: string): string {
  const comment = `Tocsin ${run}: ${name}`
  return comment.length <= 100 ? comment : `${comment.slice(0, 87)} ${hash('sha256', comment, 'hex').slice(0, 12)}`
}

/** Our clock and Amazon's may differ by this much. */
const SKEW_MS = 60_000

/** Sends it once per run, even across crashes; then returns what it printed, or undefined until all machines are done. */
export async function runOnce(
  tools: Tools,
  script: Script,
  { run, since }: { run: string; since: number },
): Promise<Printed | undefined> {
  const known = await sent(tools, commentOf(run, script.name), since)
  if (known === undefined) {
    await send(tools, script, run)
    return undefined
  }
  return outputs(tools, known, script)
}

const LOOK_EVERY_SECONDS = 2

/** Only for scripts that read: sends it and waits for the answer. */
export async function ask(tools: Tools, script: Script, run: string): Promise<Printed> {
  const command = await send(tools, script, run)
  for (let waited = 0; waited <= script.seconds; waited += LOOK_EVERY_SECONDS) {
    await tools.pause(LOOK_EVERY_SECONDS)
    const printed = await outputs(tools, command, script)
    if (printed) return printed
  }
  throw new Refused(
    `${script.instances.join(', ')} did not answer within ${script.seconds} s; is the SSM agent running?`,
  )
}

async function send(tools: Tools, { name, instances, lines, seconds }: Script, run: string): Promise<string> {
  const { Command } = await tools.cloud.call<{ Command: { CommandId: string } }>('ssm', 'SendCommand', {
    DocumentName: DOCUMENT,
    InstanceIds: instances,
    Comment: commentOf(run, name),
    Parameters: { commands: [`: ${quoted(`tocsin ${name}`)}`, ...lines], executionTimeout: [String(seconds)] },
    // AWS: how long to wait for a machine that does not answer; at least 30.
    TimeoutSeconds: Math.max(30, seconds),
    MaxConcurrency: String(instances.length),
    MaxErrors: '0',
  })
  return Command.CommandId
}

async function sent(tools: Tools, comment: string, since: number): Promise<string | undefined> {
  let NextToken: string | undefined
  do {
    const page = await tools.cloud.call<{ Commands?: { CommandId: string; Comment?: string }[]; NextToken?: string }>(
      'ssm',
      'ListCommands',
      {
        Filters: [
          { key: 'DocumentName', value: DOCUMENT },
          { key: 'InvokedAfter', value: `${new Date(since - SKEW_MS).toISOString().slice(0, 19)}Z` },
        ],
        ...(NextToken !== undefined && { NextToken }),
      },
    )
    const found = page.Commands?.find(({ Comment }) => Comment === comment)
    if (found) return found.CommandId
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return undefined
}

const WAITING = ['Pending', 'InProgress', 'Delayed', 'Cancelling']

async function outputs(tools: Tools, CommandId: string, { instances, name }: Script): Promise<Printed | undefined> {
  const { CommandInvocations = [] } = await tools.cloud.call<{ CommandInvocations?: Invocation[] }>(
    'ssm',
    'ListCommandInvocations',
    { CommandId, Details: true },
  )
  const failed = CommandInvocations.find(({ Status }) => Status !== 'Success' && !WAITING.includes(Status))
  if (failed) throw new Refused(`${name} on ${failed.InstanceId}: ${failed.Status}${lastLine(failed)}`)
  const done = CommandInvocations.filter(({ Status }) => Status === 'Success')
  if (done.length < instances.length) return undefined
  return Object.fromEntries(done.map((one) => [one.InstanceId, outputOf(one)]))
}

const outputOf = ({ CommandPlugins = [] }: Invocation): string =>
  CommandPlugins.map(({ Output = '' }) => Output).join('\n')

function lastLine(invocation: Invocation): string {
  const line = outputOf(invocation).trim().split('\n').at(-1)!.slice(0, 200)
  return line === '' ? '' : ` (${line})`
}

/** On-premises machines are not EC2 instances. */
const machineArn = (place: Place, id: string): string =>
  id.startsWith('mi-') ? arnOf(place, 'ssm', `managed-instance/${id}`) : arnOf(place, 'ec2', `instance/${id}`)

export const shellPermissions = (ec2: NonNullable<Target['ec2']>, place: Place, finds = true): Statement[] => [
  {
    actions: ['ssm:SendCommand'],
    resources: [
      `arn:${place.partition}:ssm:${place.region}::document/${DOCUMENT}`,
      ...ec2.instances.map((id) => machineArn(place, id)),
    ],
  },
  {
    actions: ['ssm:ListCommandInvocations', ...(finds ? ['ssm:ListCommands'] : [])],
    resources: ['*'],
    why: 'Systems Manager has no permission to list the commands of one machine',
  },
]
