// Automation of Systems Manager, which no drill has: executions that take half a minute.
import type { Actions, Clock } from './cloud.ts'

interface Started {
  ClientToken: string
  Parameters: Record<string, string[]>
  at: number
  stopped?: boolean
}

export interface FakeAutomation {
  actions: Actions
  /** How executions end. */
  status: string
  started: Started[]
}

export function fakeAutomation(clock: Clock): FakeAutomation {
  const find = (id: string): Started => self.started[Number(id.slice(1))]!
  const statusOf = ({ at, stopped }: Started): string =>
    stopped ? 'Cancelled' : clock.now - at >= 30_000 ? self.status : 'InProgress'
  const self: FakeAutomation = {
    status: 'Success',
    started: [],
    actions: {
      StartAutomationExecution(input: Omit<Started, 'at'>) {
        if (self.started.some(({ ClientToken }) => ClientToken === input.ClientToken))
          throw new Error('the token was used before')
        self.started.push({ ...input, at: clock.now })
        return { AutomationExecutionId: `e${self.started.length - 1}` }
      },
      DescribeAutomationExecutions: ({ Filters }: { Filters: { Key: string; Values: string[] }[] }) => {
        const after = Date.parse(Filters.find(({ Key }) => Key === 'StartTimeAfter')!.Values[0]!)
        const ids = self.started.flatMap(({ at }, place) => (at >= after ? [`e${place}`] : []))
        return { AutomationExecutionMetadataList: ids.map((AutomationExecutionId) => ({ AutomationExecutionId })) }
      },
      GetAutomationExecution({ AutomationExecutionId }: { AutomationExecutionId: string }) {
        const started = find(AutomationExecutionId)
        const AutomationExecutionStatus = statusOf(started)
        const FailureMessage = AutomationExecutionStatus === 'Failed' ? 'step 2 failed' : undefined
        return { AutomationExecution: { AutomationExecutionStatus, Parameters: started.Parameters, FailureMessage } }
      },
      StopAutomationExecution({ AutomationExecutionId }: { AutomationExecutionId: string }) {
        find(AutomationExecutionId).stopped = true
        return {}
      },
    },
  }
  return self
}
