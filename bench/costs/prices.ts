// What AWS charges for what Tocsin uses: list prices of us-east-1 in USD, checked in November 2026, and what is always free each month.

export interface Price {
  what: string
  usd: number
  per: number
  /** How many are free in a month, in an account that uses none of them for anything else. */
  free?: number
  source: string
}

const PRICING = 'https://aws.amazon.com'
const MILLION = 1_000_000
export const HOURS_A_MONTH = 730

export const PRICES = {
  write: {
    what: 'DynamoDB write units (1 KB)',
    usd: 0.625,
    per: MILLION,
    source: `${PRICING}/dynamodb/pricing/on-demand/`,
  },
  read: {
    what: 'DynamoDB read units (4 KB, strongly consistent)',
    usd: 0.125,
    per: MILLION,
    source: `${PRICING}/dynamodb/pricing/on-demand/`,
  },
  standard: { what: 'SQS requests', usd: 0.4, per: MILLION, free: MILLION, source: `${PRICING}/sqs/pricing/` },
  // The free million covers both kinds of queue together, and is counted there.
  fifo: { what: 'SQS requests, first in first out', usd: 0.5, per: MILLION, source: `${PRICING}/sqs/pricing/` },
  invocation: { what: 'Lambda requests', usd: 0.2, per: MILLION, free: MILLION, source: `${PRICING}/lambda/pricing/` },
  gbSecond: {
    what: 'Lambda GB-seconds (arm64)',
    usd: 0.0000133334,
    per: 1,
    free: 400_000,
    source: `${PRICING}/lambda/pricing/`,
  },
  operation: {
    what: 'Lambda durable operations (start, step, wait)',
    usd: 8,
    per: MILLION,
    source: `${PRICING}/lambda/pricing/`,
  },
  durableGb: { what: 'Lambda durable data written, GB', usd: 0.25, per: 1, source: `${PRICING}/lambda/pricing/` },
  logGb: { what: 'logs, GB', usd: 0.5, per: 1, free: 5, source: `${PRICING}/cloudwatch/pricing/` },
  trace: {
    what: 'X-Ray traces recorded',
    usd: 5,
    per: MILLION,
    free: 100_000,
    source: `${PRICING}/xray/pricing/`,
  },
  metricHour: {
    what: 'hours of a custom metric',
    usd: 0.3,
    per: HOURS_A_MONTH,
    free: 10 * HOURS_A_MONTH,
    source: `${PRICING}/cloudwatch/pricing/`,
  },
  alarmMetric: { what: 'metrics in alarms', usd: 0.1, per: 1, free: 10, source: `${PRICING}/cloudwatch/pricing/` },
  dashboard: { what: 'dashboards', usd: 3, per: 1, free: 3, source: `${PRICING}/cloudwatch/pricing/` },
  cloudwatchCall: {
    what: 'CloudWatch API requests',
    usd: 0.01,
    per: 1000,
    free: MILLION,
    source: `${PRICING}/cloudwatch/pricing/`,
  },
  secret: { what: 'secrets', usd: 0.4, per: 1, source: `${PRICING}/secrets-manager/pricing/` },
  secretCall: { what: 'reads of a secret', usd: 0.05, per: 10_000, source: `${PRICING}/secrets-manager/pricing/` },
  key: { what: 'KMS keys', usd: 1, per: 1, source: `${PRICING}/kms/pricing/` },
} as const satisfies Record<string, Price>

export type Item = keyof typeof PRICES
export type Usage = Record<Item, number>

export const ITEMS = Object.keys(PRICES) as Item[]

export const nothing = (): Usage => usageOf(() => 0)
export const sum = (...usages: Usage[]): Usage =>
  usageOf((item) => usages.reduce((total, usage) => total + usage[item], 0))
export const times = (usage: Usage, factor: number): Usage => usageOf((item) => usage[item] * factor)

/** USD, item by item, at the list price. */
export const listCosts = (usage: Usage): Usage => usageOf((item) => (usage[item] * PRICES[item].usd) / PRICES[item].per)

export const total = (costs: Usage): number => ITEMS.reduce((usd, item) => usd + costs[item], 0)

/** USD for a month with exactly this usage, item by item, after what is free. */
export function monthCosts(usage: Usage): Usage {
  const list = listCosts(usage)
  const requests = usage.standard + usage.fifo
  const paid = (used: number, free: number): number => (used > 0 ? Math.max(0, used - free) / used : 0)
  return usageOf((item) => {
    if (item === 'standard' || item === 'fifo') return list[item] * paid(requests, PRICES.standard.free)
    const { free = 0 }: Price = PRICES[item]
    return list[item] * paid(usage[item], free)
  })
}

const usageOf = (count: (item: Item) => number): Usage =>
  Object.fromEntries(ITEMS.map((item) => [item, count(item)])) as Usage
