// What IAM calls an AWS call: the name of the API and of the permission differ here and there.

const PREFIX: Record<string, string> = { elbv2: 'elasticloadbalancing' }

export function actionOf({ service, action }: { service: string; action: string }): string {
  if (service === 'lambda' && action === 'Invoke') return 'lambda:InvokeFunction'
  return `${PREFIX[service] ?? service}:${service === 'sqs' ? action.replace(/Batch$/, '') : action}`
}
