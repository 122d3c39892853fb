// Alarms of a Lambda function. A function that nobody calls reports nothing, so silence is good.
import type { Target } from '../../lambda/core/services/config.ts'
import { errorsPercent } from './formulas.ts'
import { MINUTE, seriesOf, type ResourceRows, type Row } from './row.ts'

/** Percent of its timeout: calls that take longer will soon be cut off. */
const NEAR_TIMEOUT = 80

/** A name as it is; an ARN and a qualifier around it go. */
const functionIn = (name: string): string =>
  (name.startsWith('arn:') ? name.slice(name.indexOf(':function:') + ':function:'.length) : name).split(':')[0]!

export function lambdaRows(lambda: NonNullable<Target['lambda']>): ResourceRows[] {
  const { timeoutSeconds, insights } = lambda
  const name = functionIn(lambda.function)
  const of = seriesOf('AWS/Lambda', { FunctionName: name })
  const rows: Row[] = [
    {
      what: 'errors-percent',
      measures: errorsPercent({ calls: of('Invocations', 'Sum'), failed: [of('Errors', 'Sum')] }),
      over: 'errorsPercent',
      every: MINUTE,
      hold: [3, 5],
      silence: 'fine',
      means: 'Too many calls of the function fail.',
      helps: 'Look at its logs for the error; if it began with a deployment, go back to the version before.',
    },
    {
      what: 'latency-p99-milliseconds',
      measures: of('Duration', 'p99'),
      over: 'p99Seconds',
      ...(timeoutSeconds !== undefined && { initial: (timeoutSeconds * NEAR_TIMEOUT) / 100 }),
      scaled: (seconds) => seconds * 1000,
      every: MINUTE,
      hold: [4, 5],
      silence: 'fine',
      means: 'The slowest 1 % of the calls take too long; at its timeout the function is cut off.',
      helps: 'Look at what it waits for: a database, a queue, another service. More memory also means more CPU.',
    },
    {
      what: 'saturation-throttles-count',
      measures: of('Throttles', 'Sum'),
      over: 'throttles',
      every: MINUTE,
      hold: [4, 5],
      silence: 'fine',
      means: 'Calls are turned away: the function, or the account, runs as many at once as it may.',
      helps: 'Raise its reserved concurrency or the quota of the account; look for what calls so often.',
    },
  ]
  if (insights) rows.push(memory(name))
  return [{ resource: ['lambda', name], rows }]
}

/** Lambda itself has no memory metric. */
const memory = (name: string): Row => ({
  what: 'memory-used-percent',
  measures: seriesOf('LambdaInsights', { function_name: name })('memory_utilization', 'Maximum'),
  over: 'memoryUsedPercent',
  every: MINUTE,
  hold: [8, 10],
  silence: 'fine',
  means: 'The function uses most of its memory; without any it is stopped.',
  helps: 'Give it more memory; look for what it keeps between calls.',
})
