// What an alarm's ARN says: `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:api-5xx`.
import { text } from '../json.ts'

export const isAlarmArn = (arn: unknown): arn is string =>
  typeof arn === 'string' && arn.startsWith('arn:') && arn.includes(':alarm:')

/** Part of an ARN by position: 3 is the region, 4 the account. */
export function partOfArn(arn: string | undefined, place: number): string | undefined {
  return arn?.startsWith('arn:') ? text(arn.split(':', place + 1)[place]) : undefined
}

export function nameInArn(arn: string | undefined): string | undefined {
  const at = arn?.indexOf(':alarm:') ?? -1
  return arn === undefined || at < 0 ? undefined : text(arn.slice(at + 7))
}
