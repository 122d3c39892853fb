// Which alarms belong together by what CloudWatch says of them: a composite and its children, an alarm over several series and each of those.
import { list, record, text, type Json } from '../json.ts'

export interface Named {
  /** Of the alarm itself, unless its ARN says otherwise. */
  account: string | undefined
  region: string | undefined
  name: string
}

/** CloudWatch: at most 100 alarms in a rule, of at most 10,240 characters. */
const MOST = 100
const LONGEST_RULE = 10_240
/** Its reason data name at most so many, and have nothing else that is long. */
const LONGEST_DATA = 40_000

/** Those that made a composite fire first, then all that its rule names; each once. */
export function childrenOf(
  { reasonData, triggering, rule }: { reasonData?: unknown; triggering?: unknown; rule?: unknown },
  { account, region }: Pick<Named, 'account' | 'region'>,
): Named[] {
  const names = [...triggeringIn(reasonData), ...arnsIn(triggering), ...namesIn(text(rule) ?? '')]
  const found = new Map<string, Named>()
  for (const name of names.slice(0, 2 * MOST)) {
    const one = fromArn(name) ?? { account, region, name }
    const key = [one.account, one.region, one.name].join('\u0000')
    if (found.size < MOST && !found.has(key)) found.set(key, one)
  }
  return [...found.values()]
}

/** `{"triggeringAlarms": [{ "arn", "state" }]}` */
function triggeringIn(reasonData: unknown): string[] {
  if (typeof reasonData !== 'string' || reasonData.length > LONGEST_DATA || !reasonData.includes('"triggeringAlarms"'))
    return []
  try {
    return arnsIn(record(JSON.parse(reasonData))?.['triggeringAlarms'])
  } catch {
    return []
  }
}

const arnsIn = (value: unknown): string[] =>
  list(value).flatMap((entry) => {
    const one: Json = record(entry) ?? {}
    return text(one['arn'] ?? one['Arn']) ?? []
  })

const STATES = ['ALARM', 'OK', 'INSUFFICIENT_DATA']

/** `ALARM("one") AND NOT OK(arn:…:alarm:two)`: read from bracket to bracket, since outside text may be anything. */
function namesIn(rule: string): string[] {
  if (rule.length > LONGEST_RULE) return []
  const names: string[] = []
  for (let open = rule.indexOf('('); open >= 0; open = rule.indexOf('(', open + 1)) {
    const before = rule.slice(Math.max(0, open - 20), open).trimEnd()
    if (!STATES.some((state) => before.endsWith(state))) continue
    const inside = rule.slice(open + 1).trimStart()
    const quote = inside[0] === '"' || inside[0] === "'" ? inside[0] : undefined
    const end = quote === undefined ? inside.indexOf(')') : inside.indexOf(quote, 1)
    const name = end < 0 ? '' : inside.slice(quote === undefined ? 0 : 1, end).trim()
    if (name !== '' && names.length < MOST) names.push(name)
  }
  return names
}

/** `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:api-5xx` */
function fromArn(arn: string): Named | undefined {
  if (!arn.startsWith('arn:')) return undefined
  const parts = arn.split(':')
  const name = parts.slice(6).join(':')
  return parts[5] === 'alarm' && name !== '' ? { region: parts[3], account: parts[4], name } : undefined
}
