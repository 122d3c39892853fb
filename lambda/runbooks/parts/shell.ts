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
  /** What it is for; also how a command is found again that was sent and not recorded. */
  name: string
  instances: string[]
  lines: string[]
  /** It is given up after this long. */
  seconds: number
}

/** What each machine printed, by id. */
export type Printed = Record<string, string>

interface Invocation {
  InstanceId: string
  Status: string
  /** Tells more of how it failed than its status, like `Undeliverable`. */
  StatusDetails?: string
}

/** By which a command is found again. SSM: at most 100 characters, so a longer one ends in a hash that tells it apart. */
function commentOf(run: string, name: string): string {
  const comment = `Tocsin ${run}: ${name}`
  return comment.length <= 100 ? comment : `${comment.slice(0, 87)} ${hash('sha256', comment, 'hex').slice(0, 12)}`
}

/** Our clock and Amazon's may differ by this much. */
const SKEW_MS = 60_000

/** The id of a command, kept from turn to turn. */
export type Sent = string

/**
 * Sends it once per run, even across crashes; then returns what it printed, or only the command until all machines are done. `sent` is what
 * the turn before returned: the list of commands, in which one is found that a crash kept from being recorded, is behind by seconds.
 */
export async function runOnce(
  tools: Tools,
  script: Script,
  { run, since }: { run: string; since: number },
  sent?: Sent,
): Promise<{ sent: Sent; printed?: Printed }> {
  const known = sent ?? (await found(tools, commentOf(run, script.name), since))
  if (known === undefined) return { sent: await send(tools, script, run) }
  const printed = await outputs(tools, known, script)
  return { sent: known, ...(printed && { printed }) }
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

/** The last line of each script. Systems Manager hands out the first 24,000 characters of what was printed: without it, there was more. */
const END = 'tocsin end'

async function send(tools: Tools, { name, instances, lines, seconds }: Script, run: string): Promise<Sent> {
  const { Command } = await tools.cloud.call<{ Command: { CommandId: string } }>('ssm', 'SendCommand', {
    DocumentName: DOCUMENT,
    InstanceIds: instances,
    Comment: commentOf(run, name),
    Parameters: {
      commands: [`: ${quoted(`tocsin ${name}`)}`, ...lines, `echo ${quoted(END)}`],
      executionTimeout: [String(seconds)],
    },
    // AWS: how long to wait for a machine that does not answer; at least 30.
    TimeoutSeconds: Math.max(30, seconds),
    MaxConcurrency: String(instances.length),
    MaxErrors: '0',
  })
  return Command.CommandId
}

async function found(tools: Tools, comment: string, since: number): Promise<string | undefined> {
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
    const own = page.Commands?.find(({ Comment }) => Comment === comment)
    if (own) return own.CommandId
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return undefined
}

const WAITING = ['Pending', 'InProgress', 'Delayed', 'Cancelling']

async function outputs(tools: Tools, CommandId: string, script: Script): Promise<Printed | undefined> {
  const { instances, name } = script
  const all = await invocations(tools, CommandId)
  const failed = all.filter(({ Status }) => Status !== 'Success' && !WAITING.includes(Status))
  // Where one has failed, the others may not have got it at all: that one tells why.
  const first = failed.find((one) => detailsOf(one) !== 'Terminated') ?? failed[0]
  if (first) throw new Refused(await whyFailed(tools, CommandId, first, script))
  if (instances.some((id) => all.every((one) => one.InstanceId !== id || one.Status !== 'Success'))) return undefined
  const printed: Printed = {}
  for (const InstanceId of instances) {
    const { out } = await outputOf(tools, CommandId, InstanceId)
    const lines = out.trimEnd().split('\n')
    if (lines.pop() !== END)
      throw new Refused(
        `${name} on ${InstanceId} printed more than the ${OUTPUT_MOST} characters that Systems Manager hands out: declare fewer paths`,
      )
    printed[InstanceId] = lines.join('\n')
  }
  return printed
}

/** Right after sending there are none. */
async function invocations(tools: Tools, CommandId: string): Promise<Invocation[]> {
  const all: Invocation[] = []
  let NextToken: string | undefined
  do {
    const page = await tools.cloud.call<{ CommandInvocations?: Invocation[]; NextToken?: string }>(
      'ssm',
      'ListCommandInvocations',
      { CommandId, ...(NextToken !== undefined && { NextToken }) },
    )
    all.push(...(page.CommandInvocations ?? []))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return all
}

/** GetCommandInvocation; the list of invocations has only the first 2,500. */
const OUTPUT_MOST = '24,000'

async function outputOf(tools: Tools, CommandId: string, InstanceId: string): Promise<{ out: string; err: string }> {
  const { StandardOutputContent: out = '', StandardErrorContent: err = '' } = await tools.cloud.call<{
    StandardOutputContent?: string
    StandardErrorContent?: string
  }>('ssm', 'GetCommandInvocation', { CommandId, InstanceId })
  return { out, err }
}

/** `StatusDetails` of what never ran, or never ended, in words. https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html */
const NEVER_RAN: Record<string, string> = {
  Undeliverable: 'Systems Manager cannot reach it: is the machine running, and is it a managed node?',
  DeliveryTimedOut: 'it did not fetch the command in time: are the machine and its SSM agent running?',
  Terminated: 'Systems Manager did not send it, because it failed on another machine',
  InvalidPlatform: 'it does not run Linux',
  AccessDenied: "the machine's role may not do this",
}

/** It comes as `Delivery Timed Out` and as `DeliveryTimedOut`. */
const detailsOf = ({ Status, StatusDetails = Status }: Invocation): string => StatusDetails.replaceAll(' ', '')

async function whyFailed(
  tools: Tools,
  CommandId: string,
  failed: Invocation,
  { name, seconds }: Script,
): Promise<string> {
  const details = detailsOf(failed)
  const why =
    NEVER_RAN[details] ??
    (details === 'ExecutionTimedOut'
      ? `it was stopped after ${seconds} s`
      : await outputOf(tools, CommandId, failed.InstanceId).then(({ err, out }) => reasonIn(err) ?? reasonIn(out)))
  return `${name} on ${failed.InstanceId}: ${details}${why === undefined ? '' : ` (${why})`}`
}

/** The last two lines that the script itself wrote: Systems Manager adds that it has failed, and with which code. */
function reasonIn(text: string): string | undefined {
  const own = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(failed to run commands|error code): /i.test(line))
  return own.length === 0
    ? undefined
    : own
        .slice(-2)
        .map((line) => line.trim())
        .join(' ')
        .slice(0, 200)
}

/** On-premises machines are not EC2 instances. */
const machineArn = (place: Place, id: string): string =>
  id.startsWith('mi-') ? arnOf(place, 'ssm', `managed-instance/${id}`) : arnOf(place, 'ec2', `instance/${id}`)

export const shellPermissions = (ec2: NonNullable<Target['ec2']>, place: Place): Statement[] => [
  {
    actions: ['ssm:SendCommand'],
    resources: [
      `arn:${place.partition}:ssm:${place.region}::document/${DOCUMENT}`,
      ...ec2.instances.map((id) => machineArn(place, id)),
    ],
  },
  {
    actions: ['ssm:ListCommandInvocations', 'ssm:GetCommandInvocation', 'ssm:ListCommands'],
    resources: ['*'],
    why: 'Systems Manager has no permission to list the commands of one machine',
  },
]
