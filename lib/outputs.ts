// The outputs of the deployed stack: the contract between what is deployed and the command line.

export const OUTPUTS = [
  'SlackRequestUrl',
  'SlackSecretArn',
  'TableName',
  'AlarmTopicArn',
  'IntakeQueueUrl',
  'IntakeDeadLettersUrl',
  'NoticesQueueUrl',
  'NoticesDeadLettersUrl',
  'EventBusArn',
  'EvidenceBucketName',
  'WatchdogTopicArn',
  'DashboardName',
] as const

export type OutputName = (typeof OUTPUTS)[number]
