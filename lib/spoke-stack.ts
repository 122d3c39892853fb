// For every other account or region: sends its alarm changes to the hub. Events keep their account and region, so correlation spans both.
import { Duration, Stack, type StackProps } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { EventBus, Rule } from 'aws-cdk-lib/aws-events'
import { EventBus as SendTo } from 'aws-cdk-lib/aws-events-targets'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { ownAlarm } from '../lambda/core/facts/own-alarms.ts'
import { ALARM_CHANGES } from './shared/bus.ts'
import { deadLetterQueue } from './shared/queue.ts'
import { alarmTopic } from './shared/topic.ts'

export interface SpokeStackProps extends StackProps {
  /** The name of the hub's stack. */
  readonly name: string
  /** ARN of the hub's event bus: the output EventBusArn of the Tocsin stack. */
  readonly hub: string
  /** Who is told by e-mail when an alarm could not be sent. */
  readonly emails: readonly string[]
}

/** 0.10 USD a month for the one alarm, and 1 USD for a million alarm changes. */
export class SpokeStack extends Stack {
  constructor(scope: Construct, id: string, { name, hub, emails, ...props }: SpokeStackProps) {
    super(scope, id, props)
    const deadLetters = deadLetterQueue(this, 'UnsentDeadLetters')
    new Rule(this, 'AlarmChanges', {
      description: 'Every alarm here that changes its state goes to Tocsin',
      eventPattern: ALARM_CHANGES,
      targets: [
        new SendTo(EventBus.fromEventBusArn(this, 'Hub', hub), {
          role: this.roleOf(hub),
          deadLetterQueue: deadLetters,
        }),
      ],
    })

    const topic = alarmTopic(this, 'Watchdog', 'Tocsin itself')
    for (const address of emails) topic.addSubscription(new EmailSubscription(address))
    const unsent = new Alarm(this, 'Unsent', {
      alarmName: ownAlarm('alarms that did not reach the hub', name),
      alarmDescription: `EventBridge gave up sending alarm changes to ${hub}. Does the bus exist, and does its policy name this organization?`,
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: Stats.MAXIMUM,
      }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    unsent.addAlarmAction(new SnsAction(topic))
    unsent.addOkAction(new SnsAction(topic))
  }

  /** Another region of the same account needs no more than this; another account needs the policy of the hub's bus as well. */
  private roleOf(hub: string): Role {
    const role = new Role(this, 'SendRole', {
      description: "Lets EventBridge send alarm changes to Tocsin's hub",
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    })
    role.addToPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [hub] }))
    return role
  }
}
