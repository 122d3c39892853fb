// Waiting takes place in a durable execution: when everything has been quiet long enough, the incident resolves by itself.
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch'
import { ListDurableExecutionsByFunctionCommand, ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda'
import { report } from '../support/alarms.ts'
import { STACK, type Aws } from '../support/aws.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { diskAlarm, LATENCY, shows } from './alarming.ts'
import { GRACE_SECONDS, type World } from './world.ts'

export interface Execution {
  name: string
  status: string
}

/** The timers of an incident. */
export const timersOf = async (aws: Aws, incident: string): Promise<Execution[]> =>
  (await executionsOf(aws, `${STACK}-escalate`)).filter(({ name }) => name.startsWith(`${incident}-`))

/** Of a durable function, whichever version they started with. */
export async function executionsOf({ lambda }: Aws, FunctionName: string): Promise<Execution[]> {
  const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }))
  const found: Execution[] = []
  for (const { Version } of Versions) {
    const { DurableExecutions = [] } = await lambda.send(
      new ListDurableExecutionsByFunctionCommand({ FunctionName, Qualifier: Version }),
    )
    found.push(
      ...DurableExecutions.map(({ DurableExecutionName, Status }) => ({
        name: DurableExecutionName!,
        status: Status!,
      })),
    )
  }
  return found
}

export const waiting: Step<World>[] = [
  {
    does: `both alarms recover: ${GRACE_SECONDS} quiet seconds later the incident resolves by itself`,
    async run({ aws, slack, messages }) {
      await report(aws, LATENCY.name, 0.2, 'OK')
      // The disk's alarm looks back five minutes, too long to wait for here. No datapoint may follow: it would be evaluated again.
      const recovered = {
        AlarmName: await diskAlarm(aws),
        StateValue: 'OK',
        StateReason: 'old logs were removed',
      } as const
      await aws.cloudWatch.send(new SetAlarmStateCommand(recovered))
      const text = await shows(slack, messages['INC-0001']!, /resolved/i, 60)
      return text
    },
  },
  {
    does: 'each moment had one durable execution, which waited and ended',
    async run({ aws }) {
      const executions = await eventually('a durable execution has ended', async () => {
        const found = await timersOf(aws, 'INC-0001')
        if (found.some(({ status }) => status === 'SUCCEEDED')) return found
        throw new Error(JSON.stringify(found))
      })
      same('names', new Set(executions.map(({ name }) => name)).size, executions.length)
      check(
        executions.every(({ status }) => status === 'SUCCEEDED' || status === 'RUNNING'),
        JSON.stringify(executions),
      )
      return executions.map(({ name, status }) => `${name} ${status}`).join('\n')
    },
  },
]
