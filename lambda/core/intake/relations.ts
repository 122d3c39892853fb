// Which alarms belong together by what CloudWatch says of them: a composite and the children that make it fire.
import { list, record, text } from '../json.ts'
import { nameInArn, partOfArn } from './arn.ts'

/** Where a composite is; CloudWatch allows no children elsewhere. */
interface Place {
  account: string | undefined
  region: string | undefined
}

/** CloudWatch: at most 100 alarms in a rule. */
const MOST = 100
/** Its reason data name at most so many, and have nothing else that is long. */
const LONGEST_DATA = 40_000

/**
 * Names of the children that fire and made the composite change. Not all that its rule names: a maintenance window that must not be open, or a child that
 * two composites share, ties nothing together.
 */
export function triggersOf(
  { reasonData, triggering }: { reasonData?: unknown; triggering?: unknown },
  place: Place,
): string[] {
  const all = [...triggeringIn(reasonData), ...list(triggering)].slice(0, 2 * MOST)
  const names = all.flatMap((entry) => {
    const one = record(entry)
    const state = record(one?.['state'] ?? one?.['State'])
    const isFiring = (state?.['value'] ?? state?.['Value']) === 'ALARM'
    const name = isFiring ? nameIn(text(one?.['arn'] ?? one?.['Arn']), place) : undefined
    return name ?? []
  })
  return [...new Set(names)].slice(0, MOST)
}

/** `{"triggeringAlarms": [{ "arn", "state": { "value" } }]}` */
function triggeringIn(reasonData: unknown): unknown[] {
  if (typeof reasonData !== 'string' || reasonData.length > LONGEST_DATA || !reasonData.includes('"triggeringAlarms"'))
    return []
  try {
    return list(record(JSON.parse(reasonData))?.['triggeringAlarms'])
  } catch {
    return []
  }
}

function nameIn(arn: string | undefined, { account, region }: Place): string | undefined {
  const isHere =
    (region === undefined || partOfArn(arn, 3) === region) && (account === undefined || partOfArn(arn, 4) === account)
  return isHere && partOfArn(arn, 5) === 'alarm' ? nameInArn(arn) : undefined
}
