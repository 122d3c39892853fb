// What an alarm's query says of it, where it names no metric: a PromQL expression, or the aggregation of a query of logs.
import type { Measure } from '../incident/alarm.ts'
import { record, text, type Json } from '../json.ts'

export interface Queried extends Pick<Measure, 'threshold' | 'side'> {
  metric?: string | undefined
  /** What is compared is worked out of the metric: the side says nothing about that. */
  computed?: true
  /** It is over several series. */
  isOverSeries: boolean
}

/** AWS allows 10,000 characters; what an alarm is about stands nearer to the beginning. */
const LONGEST = 2048

/** `configuration` of an event, or `Trigger` of a notification: their keys begin with a small or a capital letter. Undefined if there is no such query. */
export function readQuery(configuration: Json | undefined): Queried | undefined {
  const criteria = recordIn(configuration, 'evaluationCriteria')
  const query = textIn(recordIn(criteria, 'promQLCriteria'), 'query')
  if (query !== undefined) return { ...readPromQl(query), isOverSeries: true }
  if (criteria) return { isOverSeries: true }
  const aggregation = textIn(recordIn(configuration, 'scheduledQueryConfiguration'), 'aggregationExpression')
  return aggregation === undefined ? undefined : readAggregation(aggregation.slice(0, LONGEST))
}

const valueIn = (within: Json | undefined, key: string): unknown =>
  within?.[key] ?? within?.[key[0]!.toUpperCase() + key.slice(1)]
const recordIn = (within: Json | undefined, key: string): Json | undefined => record(valueIn(within, key))
const textIn = (within: Json | undefined, key: string): string | undefined => text(valueIn(within, key))

/** https://prometheus.io/docs/prometheus/latest/querying/operators */
const WORDS: ReadonlySet<string> = new Set(
  'and or unless bool by without on ignoring group_left group_right offset start end inf nan'.split(' '),
)

const COMPARISON = /([<>])=?\s*(?:bool\s+)?(-?\d[\d.eE+-]*)\s*$/

/** The first metric, and the comparison at the end: series are only there while it holds. */
function readPromQl(whole: string): Omit<Queried, 'isOverSeries'> {
  const query = whole.slice(0, LONGEST)
  const selectors = query.replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)/g, ' ')
  const bare = selectors.replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '""').replace(/\{[^{}]*\}|\[[^[\]]*\]/g, ' ')
  const tokens = bare.match(/[\w:]+|[^\s\w:]/g) ?? []
  const quoted = /\{\s*(?:__name__\s*=\s*)?"([^"{}]*)"/.exec(selectors)?.[1]
  const isName = (token: string, place: number): boolean =>
    /^[a-z_:]/i.test(token) && tokens[place + 1] !== '(' && !WORDS.has(token.toLowerCase())
  const metric = tokens.find(isName) ?? quoted
  const isCompound = query !== whole || tokens.some((token) => /^(?:and|or|unless)$/i.test(token))
  const compared = isCompound ? null : COMPARISON.exec(query)
  const isMath = /[-+*/%^]/.test(bare.replace(COMPARISON, ''))
  const threshold = compared ? Number(compared[2]) : NaN
  return {
    ...(metric !== undefined && { metric }),
    ...(isMath && { computed: true as const }),
    ...(Number.isFinite(threshold) && { threshold, side: compared![1] === '>' ? 'above' : 'below' }),
  }
}

/** `avg(latency) by host | sort desc`: the field that it is about; of `count(*)` there is none. */
function readAggregation(aggregation: string): Queried {
  const field = /^\s*\w+\s*\(([^()]*)\)/.exec(aggregation)?.[1]?.replace(/[@`"]/g, '').trim()
  const isNamed = field !== undefined && /^[\w.-]+$/.test(field)
  return { ...(isNamed && { metric: field }), isOverSeries: /\sby\s/.test(aggregation) }
}
