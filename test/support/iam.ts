// What IAM calls an AWS call: the name of the API and of the permission differ here and there.

const PREFIX: Record<string, string> = { elbv2: 'elasticloadbalancing' }

export const actionOf = ({ service, action }: { service: string; action: string }): string =>
  service === 'lambda' && action === 'Invoke' ? 'lambda:InvokeFunction' : `${PREFIX[service] ?? service}:${action}`
