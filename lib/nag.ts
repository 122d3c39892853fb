// What cdk-nag finds, and why it is right anyway: every exception with its reason. The tests run its rules; none of it is deployed.
import { Aspects, type Stack } from 'aws-cdk-lib'
import { AwsSolutionsChecks, NagSuppressions, type NagPackSuppression } from 'cdk-nag'

const EXPLAINED: NagPackSuppression[] = [
  {
    id: 'AwsSolutions-SMG4',
    reason:
      'Slack gives out its token and signing secret, and only a person can ask it for new ones. Two signing secrets are valid while one rotates.',
  },
  {
    id: 'AwsSolutions-IAM5',
    reason:
      'X-Ray has no resource types for writing traces. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html',
    appliesTo: ['Resource::*'],
  },
  {
    id: 'AwsSolutions-IAM5',
    reason:
      'A durable function reads and writes its own runs, of every version: the number of the next version is not known. https://docs.aws.amazon.com/lambda/latest/dg/durable-security.html',
    appliesTo: [
      { regex: '/^Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:Tocsin-[a-z-]+:\\*$/' },
    ],
  },
  {
    id: 'AwsSolutions-IAM5',
    reason:
      'Two and two actions of KMS with one beginning, on the one key of the stack, as SQS and DynamoDB ask for them.',
    appliesTo: ['Action::kms:GenerateDataKey*', 'Action::kms:ReEncrypt*'],
  },
  {
    id: 'AwsSolutions-S1',
    reason:
      'Only the runbooks write evidence and only people of the account read it: CloudTrail data events, where you keep them, say more than access logs, which would need a bucket that costs and grows.',
  },
  {
    id: 'AwsSolutions-IAM5',
    reason: 'A run keeps evidence under its own id, which is not known before.',
    appliesTo: [{ regex: '/^Resource::<Evidence[0-9A-F]+\\.Arn>/evidence/\\*$/' }],
  },
]

/** What recipes need beyond their target's own ARN: AWS makes up part of that ARN. A recipe itself says why it needs a bare `*`. */
const HERE = '<AWS::Region>:<AWS::AccountId>:'
const EXPLAINED_OF_RUNBOOKS: NagPackSuppression[] = [
  [
    'cloudwatch',
    `${HERE}alarm:\\*`,
    'It reads the state of any alarm: which alarms an incident has is not known before.',
  ],
  ['mq', `${HERE}broker:[^*]+:\\*`, 'The ARN of a broker ends in an id that AWS gives it; its name is before.'],
  ['ecs', `${HERE}task/[^*]+/\\*`, 'Tasks have ids that AWS gives them; the cluster is before.'],
  [
    'ecs',
    `${HERE}task-definition/\\*`,
    "It runs the next revision of the service's own definition, whose family and number are read first.",
  ],
  [
    'autoscaling',
    `${HERE}autoScalingGroup:\\*:autoScalingGroupName/[^*]+`,
    'The ARN of a group holds an id that AWS gives it; its name is behind.',
  ],
  [
    'ssm',
    `${HERE}automation-execution/\\*`,
    'It follows and stops its own execution, whose id is not known before; AWS gives it.',
  ],
  [
    'ssm',
    `(${HERE}|<AWS::Region>::)automation-definition/[^*]+:\\*`,
    'Whatever version of the one document is the default; documents of AWS belong to no account.',
  ],
].map(([service, resource, reason]) => ({
  id: 'AwsSolutions-IAM5',
  reason: reason!,
  appliesTo: [{ regex: `/^Resource::arn:<AWS::Partition>:${service}:${resource}$/` }],
}))

const EXPLAINED_OF_SPOKE: NagPackSuppression[] = [
  {
    id: 'AwsSolutions-SQS3',
    reason: 'The queue holds dead letters itself, those of an EventBridge rule, which cdk-nag does not see.',
  },
]

/** Annotates the stack with whatever is left unexplained. */
export function check(stack: Stack, kind: 'hub' | 'spoke'): void {
  NagSuppressions.addStackSuppressions(
    stack,
    kind === 'hub' ? [...EXPLAINED, ...EXPLAINED_OF_RUNBOOKS] : EXPLAINED_OF_SPOKE,
  )
  Aspects.of(stack).add(new AwsSolutionsChecks({ verbose: true }))
}
