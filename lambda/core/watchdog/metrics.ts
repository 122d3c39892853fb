// What Tocsin counts about its own work, and the log line in which CloudWatch finds the numbers.

export const NAMESPACE = 'Tocsin'

/** The one dimension: two Tocsins in one account and region are counted apart. */
export const DIMENSION = 'Stack'

/**
 * Each costs 0.30 USD a month (list price), but only for the hours in which it is sent: an idle Tocsin sends none, and pays for none. The
 * value is its unit.
 */
export const METRICS = {
  /** Messages that were alarms; one alarm that comes in by EventBridge and by SNS counts twice. */
  AlarmsIn: 'Count',
  IncidentsOpened: 'Count',
  Unreadable: 'Count',
  /** Items of the table that could not be read. */
  SetAside: 'Count',
  /** New messages and replies in threads. */
  SlackPosts: 'Count',
  SlackEdits: 'Count',
  /** Calls that Slack did not do: too fast (429), not reached, or refused. */
  SlackRefusals: 'Count',
  /** Those of them that Slack will not do until somebody mends something. */
  Untold: 'Count',
  /** From the first alarm of an incident, by CloudWatch's clock, to its message in Slack. A hold is part of it. */
  SecondsToMessage: 'Seconds',
} as const

export type Metric = keyof typeof METRICS
export type Counts = Partial<Record<Metric, number>>

export type Level = 'info' | 'warn' | 'error'

/**
 * One JSON object. `stack`: the stack that the metrics belong to. Without it, or without counts, it is a plain line.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function logLine(
  { level, message, now, stack }: { level: Level; message: string; now: number; stack?: string | undefined },
  facts: Record<string, unknown> = {},
  counts: Counts = {},
): string {
  const line = { timestamp: new Date(now).toISOString(), level: level.toUpperCase(), message, ...facts }
  const counted = Object.entries(counts).filter(([, value]) => value !== 0) as [Metric, number][]
  if (stack === undefined || counted.length === 0) return JSON.stringify({ ...line, ...counts })
  const Metrics = counted.map(([Name]) => ({ Name, Unit: METRICS[Name] }))
  const CloudWatchMetrics = [{ Namespace: NAMESPACE, Dimensions: [[DIMENSION]], Metrics }]
  return JSON.stringify({
    ...line,
    [DIMENSION]: stack,
    ...Object.fromEntries(counted),
    _aws: { Timestamp: now, CloudWatchMetrics },
  })
}
