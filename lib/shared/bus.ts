// How alarm changes come in: from this account and region directly, from others through the bus that their spokes send to.
import type { Stack } from 'aws-cdk-lib'
import { type CfnEventBus, EventBus, type EventPattern, Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import { PolicyDocument, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam'
import type { QueuePair } from './queue.ts'

export const ALARM_CHANGES: EventPattern = {
  source: ['aws.cloudwatch'],
  detailType: ['CloudWatch Alarm State Change', 'CloudWatch Alarm Contributor State Change'],
}

/**
 * A bus of its own: alarms of other accounts must not trigger rules that somebody else has on this account's default bus. It is free; each
 * million alarms from elsewhere costs its sender 1 USD. Other regions of this account need only their role to send.
 */
export function hubBus(stack: Stack, organization: string | undefined): EventBus {
  const bus = new EventBus(stack, 'Bus', {
    eventBusName: stack.stackName,
    description: 'Alarms of other accounts and regions, for Tocsin',
  })
  if (organization !== undefined) (bus.node.defaultChild as CfnEventBus).policy = policyOf(stack, organization)
  return bus
}

/** If the condition is an organization, EventBridge requires senders to use a role: the spoke does. */
const policyOf = (stack: Stack, organization: string): PolicyDocument =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'SpokesOfTheOrganization',
        principals: [new StarPrincipal()],
        actions: ['events:PutEvents'],
        resources: [stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: stack.stackName })],
        conditions: { StringEquals: { 'aws:PrincipalOrgID': organization } },
      }),
    ],
  })

/** What EventBridge cannot deliver for a day goes to the dead letters. */
export function alarmChangesTo(stack: Stack, { queue, deadLetters }: QueuePair, others: EventBus): void {
  const targets = [new SqsQueue(queue, { deadLetterQueue: deadLetters })]
  new Rule(stack, 'AlarmChanges', {
    description: 'Every alarm here that changes its state goes to Tocsin',
    eventPattern: ALARM_CHANGES,
    targets,
  })
  new Rule(stack, 'AlarmChangesElsewhere', {
    description: 'Every alarm of other accounts and regions goes to Tocsin',
    eventBus: others,
    eventPattern: ALARM_CHANGES,
    targets,
  })
}
