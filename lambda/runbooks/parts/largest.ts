// How much memory each task or machine uses: finds the metric with its id in a dimension, whatever the other dimensions are.
import type { Tools } from '../../ports/tools.ts'
import type { Statement } from '../runbook.ts'
import { NEWEST_WITHIN_SECONDS, PERIOD_SECONDS, queryOf, series } from './metric.ts'

interface Listed {
  Dimensions?: { Name: string; Value: string }[]
}

export interface Source {
  namespace: string
  name: string
  /** The dimension that has the id. */
  dimension: string
  /** Only metrics with these dimensions are listed. */
  within: Record<string, string>
}

/** AWS: GetMetricData takes at most this many queries. */
const QUERIES_MOST = 500

/** Percent by id; ids that nothing measures are left out. */
export async function percents(
  tools: Tools,
  { namespace, name, dimension, within }: Source,
  ids: string[],
): Promise<Map<string, number>> {
  const listed = await list(tools, {
    Namespace: namespace,
    MetricName: name,
    // AWS: only metrics that had data in the last three hours.
    RecentlyActive: 'PT3H',
    Dimensions: [...Object.entries(within).map(([Name, Value]) => ({ Name, Value })), { Name: dimension }],
  })
  const known = new Map(
    listed.flatMap((one) => {
      const dimensions = Object.fromEntries((one.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]))
      const id = dimensions[dimension]
      return id !== undefined && ids.includes(id) ? [[id, dimensions] as const] : []
    }),
  )
  const asked = [...known].slice(0, QUERIES_MOST)
  if (asked.length === 0) return new Map()
  const queries = asked.map(([, dimensions]) => queryOf({ namespace, name, dimensions, statistic: 'Average' }))
  const values = await series(tools, queries, PERIOD_SECONDS, NEWEST_WITHIN_SECONDS)
  return new Map(asked.flatMap(([id], place) => (values[place]![0] === undefined ? [] : [[id, values[place]![0]]])))
}

async function list(tools: Tools, input: Record<string, unknown>): Promise<Listed[]> {
  const found: Listed[] = []
  let NextToken: string | undefined
  do {
    const page = await tools.cloud.call<{ Metrics?: Listed[]; NextToken?: string }>('cloudwatch', 'ListMetrics', {
      ...input,
      ...(NextToken !== undefined && { NextToken }),
    })
    found.push(...(page.Metrics ?? []))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return found
}

export const largestPermissions = (): Statement[] => [
  {
    actions: ['cloudwatch:ListMetrics'],
    resources: ['*'],
    why: 'CloudWatch has no permission to list one metric',
  },
]
