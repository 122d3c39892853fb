// Runs a Systems Manager Automation document: one of the account's own, or one of Amazon's.
import { createHash } from 'node:crypto'
import { Refused, type Tools } from '../../ports/tools.ts'
import { arnOf } from '../parts/arn.ts'
import { lockOf } from '../parts/kind.ts'
import { merged } from '../parts/metric.ts'
import { verdict, verdictPermissions } from '../parts/verdict.ts'
import { options, type Options } from './options.ts'
import { defineRunbook, type Case, type Step, type Turn } from '../runbook.ts'

type Parameters = Record<string, string[]>

export const ssmAutomation = defineRunbook<Options, { parameters: Parameters }>({
  name: 'ssm-automation',
  title: 'Run an Automation document',
  needs: [],
  destructive: false,
  options,
  lock: lockOf,

  permissions: (_, { document, assumeRole, ...options }, place) => {
    const name = nameOf(document)
    const own = name.startsWith('AWS') ? `arn:${place.partition}:ssm:${place.region}::` : arnOf(place, 'ssm', '')
    const from = document.startsWith('arn:') ? document.replace(/document\/.*$/, '') : own
    return merged([
      {
        actions: ['ssm:StartAutomationExecution'],
        resources: [`${from}automation-definition/${name}:*`, `${from}document/${name}`],
      },
      {
        actions: ['ssm:GetAutomationExecution', 'ssm:StopAutomationExecution'],
        resources: [arnOf(place, 'ssm', 'automation-execution/*')],
      },
      {
        actions: ['ssm:DescribeAutomationExecutions'],
        resources: ['*'],
        why: 'Systems Manager has no permission to list the executions of one document',
      },
      {
        actions: ['iam:PassRole'],
        resources: [assumeRole],
        conditions: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
      },
      ...verdictPermissions(options, place),
    ])
  },

  async look(_, about) {
    const { parameters, stop } = parametersOf(about)
    const list = Object.entries(parameters).map(([name, values]) => `${name} = ${values.join(', ')}`)
    return {
      found: `${about.options.document}${list.length === 0 ? '' : ` with ${list.join('; ')}`}`,
      facts: { parameters },
      scope: {
        words: [about.options.document, ...list].join('; '),
        on: {
          document: about.options.document,
          ...Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.join(', ')])),
        },
      },
      ...(stop !== undefined && { stop }),
    }
  },

  steps: ({ parameters }, about) => [runStep(about, parameters)],
  healthy: (tools, about) => verdict(tools, about),
})

const nameOf = (document: string): string => document.split('/').at(-1)!

function parametersOf({ options, alarm }: Case<Options>): { parameters: Parameters; stop?: string } {
  const parameters: Parameters = { AutomationAssumeRole: [options.assumeRole] }
  for (const [name, value] of Object.entries(options.parameters)) parameters[name] = [value].flat()
  for (const [name, { dimension, allow }] of Object.entries(options.fromAlarm)) {
    const value = Object.hasOwn(alarm.dimensions, dimension) ? alarm.dimensions[dimension]! : undefined
    if (value === undefined) return { parameters, stop: `the alarm has no dimension ${dimension} for ${name}` }
    if (!new RegExp(`^(?:${allow})$`, 'u').test(value))
      return { parameters, stop: `the alarm's ${dimension} is not one that ${name} may be` }
    parameters[name] = [value]
  }
  return { parameters }
}

interface Execution {
  AutomationExecutionStatus: string
  FailureMessage?: string
  Parameters?: Parameters
}

/** Systems Manager starts it at most once per token. */
function tokenOf(run: string): string {
  const hex = createHash('sha256').update(run).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

const AGAIN_SECONDS = 10
const GOING = [
  'Pending',
  'InProgress',
  'Waiting',
  'Cancelling',
  'PendingApproval',
  'Approved',
  'Scheduled',
  'RunbookInProgress',
  'PendingChangeCalendarOverride',
  'ChangeCalendarOverrideApproved',
]
const DONE = ['Success', 'CompletedWithSuccess']

function runStep({ options, run, since }: Case<Options>, parameters: Parameters): Step {
  const { document, withinSeconds } = options
  const start = (tools: Tools) =>
    tools.cloud.call<{ AutomationExecutionId: string }>('ssm', 'StartAutomationExecution', {
      DocumentName: document,
      Parameters: parameters,
      ClientToken: tokenOf(run),
    })
  return {
    name: `Run ${nameOf(document)}`,
    calls: [`ssm StartAutomationExecution ${document} ${JSON.stringify(parameters)}`],
    touches: `what ${nameOf(document)} touches, as ${options.assumeRole.split('/').at(-1)!}`,
    withinSeconds,
    async turn(tools, state) {
      if (typeof state !== 'string') {
        const id = (await own(tools, document, parameters, since)) ?? (await start(tools)).AutomationExecutionId
        return { going: `${id} has started`, againInSeconds: AGAIN_SECONDS, state: id }
      }
      const { AutomationExecutionStatus: status, FailureMessage } = await execution(tools, state)
      if (DONE.includes(status)) return { done: `${nameOf(document)} succeeded (${state})`, state }
      if (GOING.includes(status)) return { going: `${state} is ${status}`, againInSeconds: AGAIN_SECONDS, state }
      throw new Refused(
        `${nameOf(document)} ended as ${status}${FailureMessage === undefined ? '' : `: ${FailureMessage}`}`,
      )
    },
    undo: {
      name: `Stop ${nameOf(document)} if it still runs`,
      calls: [`ssm StopAutomationExecution ${document}`],
      touches: 'what it has done stays',
      async turn(tools) {
        const id = await own(tools, document, parameters, since)
        return id === undefined ? { done: 'it never started' } : stop(tools, id)
      },
    },
  }
}

/** The execution of this document, with these parameters, that began in this run. */
async function own(tools: Tools, document: string, parameters: Parameters, since: number): Promise<string | undefined> {
  const { AutomationExecutionMetadataList: list = [] } = await tools.cloud.call<{
    AutomationExecutionMetadataList?: { AutomationExecutionId: string }[]
  }>('ssm', 'DescribeAutomationExecutions', {
    Filters: [
      { Key: 'DocumentNamePrefix', Values: [nameOf(document)] },
      { Key: 'StartTimeAfter', Values: [`${new Date(since).toISOString().slice(0, 19)}Z`] },
    ],
  })
  for (const { AutomationExecutionId } of list)
    if (isSame((await execution(tools, AutomationExecutionId)).Parameters ?? {}, parameters))
      return AutomationExecutionId
  return undefined
}

const isSame = (a: Parameters, b: Parameters): boolean =>
  Object.keys(b).every((name) => JSON.stringify(a[name]) === JSON.stringify(b[name]))

async function execution(tools: Tools, AutomationExecutionId: string): Promise<Execution> {
  const { AutomationExecution } = await tools.cloud.call<{ AutomationExecution: Execution }>(
    'ssm',
    'GetAutomationExecution',
    { AutomationExecutionId },
  )
  return AutomationExecution
}

async function stop(tools: Tools, AutomationExecutionId: string): Promise<Turn> {
  const { AutomationExecutionStatus: status } = await execution(tools, AutomationExecutionId)
  if (!GOING.includes(status)) return { done: `it ended before, as ${status}` }
  if (status !== 'Cancelling')
    await tools.cloud.call('ssm', 'StopAutomationExecution', { AutomationExecutionId, Type: 'Cancel' })
  return { going: `${AutomationExecutionId} stops`, againInSeconds: AGAIN_SECONDS }
}
