// Alarms of a DynamoDB table. Its errors and latency are reported per operation, not for the table.
import type { Target } from '../../lambda/core/services/config.ts'
import { MINUTE, seriesOf, type ResourceRows, type Row } from './row.ts'

const OPERATIONS = ['GetItem', 'PutItem', 'UpdateItem', 'Query']

export function dynamodbRows({ table, operations = OPERATIONS }: NonNullable<Target['dynamodb']>): ResourceRows[] {
  const of = seriesOf('AWS/DynamoDB', { TableName: table })
  const latency = (operation: string): Row => ({
    what: `latency-${dashed(operation)}-milliseconds`,
    measures: of('SuccessfulRequestLatency', 'Average', { Operation: operation }),
    over: 'storageLatencyMilliseconds',
    every: MINUTE,
    hold: [8, 10],
    silence: 'fine',
    means: `${operation} takes long, which DynamoDB normally does in a few milliseconds.`,
    helps:
      'Look for large items and for queries that read many; otherwise look at the health of DynamoDB in this region.',
  })
  return [
    { resource: ['dynamodb', table], rows: [errors(of, operations), ...throttles(of), ...operations.map(latency)] },
  ]
}

type Of = ReturnType<typeof seriesOf>

function errors(of: Of, operations: string[]): Row {
  const each = operations.map(
    (operation, place) => [`op${place + 1}`, of('SystemErrors', 'Sum', { Operation: operation })] as const,
  )
  return {
    what: 'errors-system-count',
    measures: { expression: each.map(([id]) => `FILL(${id}, 0)`).join(' + '), of: Object.fromEntries(each) },
    over: 'systemErrors',
    every: MINUTE,
    hold: [3, 5],
    silence: 'fine',
    means: 'DynamoDB itself fails requests.',
    helps: 'The SDK tries again by itself; look at the health of DynamoDB in this region, and wait.',
  }
}

/** Reads and writes cannot share one alarm: they have different remedies. */
const throttles = (of: Of): Row[] =>
  (['Read', 'Write'] as const).map((way) => ({
    what: `saturation-${way === 'Read' ? 'read' : 'write'}-throttles-count`,
    measures: of(`${way}ThrottleEvents`, 'Sum'),
    over: 'throttles',
    every: MINUTE,
    hold: [4, 5],
    silence: 'fine',
    means: `The table turns ${way === 'Read' ? 'reads' : 'writes'} away: more come than its capacity allows, or all for one key.`,
    helps: 'Raise its capacity or switch to on-demand; look for a key that everybody wants.',
  }))

/** `BatchGetItem`: `batch-get-item`. */
const dashed = (operation: string): string => operation.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
