// Doubles the read capacity of a DynamoDB table that throttles its readers, up to a limit.
import { DescribeTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { arnOf } from '../../lambda/runbooks/parts/arn.ts'
import { health, verdict, verdictPermissions, type Health } from '../../lambda/runbooks/parts/verdict.ts'
import { api, defineRunbook, Refused, type Rehearsal, type Step, type Tools } from '../../lambda/runbooks/runbook.ts'

interface Table {
  TableStatus: string
  ProvisionedThroughput: { ReadCapacityUnits: number; WriteCapacityUnits: number }
}

interface Options extends Health {
  table: string
  most: number
}

interface Facts {
  was: number
  to: number
  writes: number
}

async function tableCalled({ cloud }: Tools, TableName: string): Promise<Table> {
  return (await cloud.call<{ Table: Table }>('dynamodb', 'DescribeTable', { TableName })).Table
}

const set = (TableName: string, reads: number, writes: number): Omit<Step, 'undo'> => ({
  name: `Set ${TableName} to ${reads} reads a second`,
  calls: [`dynamodb UpdateTable ${TableName} ReadCapacityUnits=${reads}`],
  touches: '1 table',
  async turn(tools, asked) {
    const { TableStatus, ProvisionedThroughput: now } = await tableCalled(tools, TableName)
    const isSet = now.ReadCapacityUnits === reads
    if (isSet && TableStatus === 'ACTIVE') return { done: `${TableName} takes ${reads} reads a second` }
    if (!isSet && TableStatus === 'ACTIVE' && asked === undefined) {
      const ProvisionedThroughput = { ReadCapacityUnits: reads, WriteCapacityUnits: writes }
      await tools.cloud.call('dynamodb', 'UpdateTable', { TableName, ProvisionedThroughput })
    }
    return { going: `${TableName} is ${TableStatus}`, againInSeconds: 10, state: true }
  },
})

export default defineRunbook<Options, Facts>({
  name: 'raise-throughput',
  title: 'Let the table take more reads',
  needs: [],
  signals: ['errors', 'latency', 'saturation'],
  destructive: false,
  options: z.strictObject({ table: z.string().min(3), most: z.int().positive(), ...health }),
  apis: {
    dynamodb: api((settings) => new DynamoDBClient(settings), {
      DescribeTable: DescribeTableCommand,
      UpdateTable: UpdateTableCommand,
    }),
  },
  lock: () => 'throughput',
  permissions: (_, { table, ...options }, place) => [
    {
      actions: ['dynamodb:DescribeTable', 'dynamodb:UpdateTable'],
      resources: [arnOf(place, 'dynamodb', `table/${table}`)],
    },
    ...verdictPermissions(options, place),
  ],
  async look(tools, { options: { table, most } }) {
    const { TableStatus, ProvisionedThroughput } = await tableCalled(tools, table)
    const { ReadCapacityUnits: was, WriteCapacityUnits: writes } = ProvisionedThroughput
    if (was === 0) throw new Refused(`${table} is billed by request: nothing can be raised`)
    const to = Math.min(most, was * 2)
    const stop =
      TableStatus === 'ACTIVE' ? (to > was ? undefined : `most (${most}) allows no more`) : `it is ${TableStatus}`
    return {
      found: `${table} takes ${was} reads a second`,
      facts: { was, to, writes },
      scope: { words: `the read capacity of ${table}, ${was} → ${to}`, on: { table }, bounds: { reads: to } },
      ...(stop !== undefined && { stop }),
    }
  },
  steps: ({ was, to, writes }, { options: { table } }) => [
    { ...set(table, to, writes), undo: set(table, was, writes) },
  ],
  healthy: (tools, about) => verdict(tools, about),
})

export const rehearsal: Rehearsal = {
  with: { table: 'orders', most: 500 },
  outside() {
    const table: Table = {
      TableStatus: 'ACTIVE',
      ProvisionedThroughput: { ReadCapacityUnits: 100, WriteCapacityUnits: 20 },
    }
    let looks = 0
    return {
      answers: {
        'dynamodb DescribeTable': () => {
          // It is busy for a while after each change.
          if (table.TableStatus === 'UPDATING' && ++looks > 2) table.TableStatus = 'ACTIVE'
          return { Table: table }
        },
        'dynamodb UpdateTable': ({ ProvisionedThroughput }: Pick<Table, 'ProvisionedThroughput'>) => {
          if (table.TableStatus !== 'ACTIVE') throw new Refused(`ResourceInUseException: it is ${table.TableStatus}`)
          Object.assign(table, { TableStatus: 'UPDATING', ProvisionedThroughput })
          looks = 0
        },
      },
      isWell: () => table.ProvisionedThroughput.ReadCapacityUnits >= 200,
      state: () => table.ProvisionedThroughput,
    }
  },
}
