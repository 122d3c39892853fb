// Runs a Systems Manager Automation document: one of the account's own, or one of Amazon's.
import { createHash } from 'node:crypto'
import { Refused, type Tools } from '../../ports/tools.ts'
import { arnOf } from '../parts/arn.ts'
import { lockOf } from '../parts/kind.ts'
import { merged } from '../parts/metric.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
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
    const stop = whyNot(PRECONDITIONS, about)
    const parameters = stop === undefined ? parametersOf(about) : {}
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

const valueOf = ({ alarm }: Case<Options>, dimension: string): string | undefined =>
  Object.hasOwn(alarm.dimensions, dimension) ? alarm.dimensions[dimension] : undefined

export const PRECONDITIONS: readonly Precondition<[Case<Options>]>[] = [
  {
    field: 'dimensions of the alarm',
    must: 'have each that `fromAlarm` names',
    stops(about) {
      const missing = Object.entries(about.options.fromAlarm).find(
        ([, from]) => valueOf(about, from.dimension) === undefined,
      )
      return missing && `the alarm has no dimension ${missing[1].dimension} for ${missing[0]}`
    },
  },
  {
    field: 'values of those dimensions',
    must: 'match `allow`, from the first to the last character',
    stops(about) {
      const wrong = Object.entries(about.options.fromAlarm).find(
        ([, { dimension, allow }]) => !new RegExp(`^(?:${allow})$`, 'u').test(valueOf(about, dimension) ?? ''),
      )
      return wrong && `the alarm's ${wrong[1].dimension} is not one that ${wrong[0]} may be`
    },
  },
]

function parametersOf(about: Case<Options>): Parameters {
  const { options } = about
  return {
    AutomationAssumeRole: [options.assumeRole],
    ...Object.fromEntries(Object.entries(options.parameters).map(([name, value]) => [name, [value].flat()])),
    ...Object.fromEntries(
      Object.entries(options.fromAlarm).map(([name, { dimension }]) => [name, [valueOf(about, dimension)!]]),
    ),
  }
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
