// The table, in DynamoDB.
import { gunzipSync, gzipSync } from 'node:zlib'
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb'
import type { Item, Key, Table } from '../ports/table.ts'

type Row = Record<string, AttributeValue>

const keyOf = ({ pk, sk }: Key): Row => ({ pk: { S: pk }, sk: { S: sk } })

/**
 * DynamoDB charges by the kilobyte written, and an item has at most 400 of them: a board in a storm compresses to a fifth. Small items stay
 * text, for people who look at the table.
 */
const PACKED_FROM = 2048
const LEVEL = 4

export const packed = (body: string): AttributeValue =>
  body.length < PACKED_FROM ? { S: body } : { B: gzipSync(body, { level: LEVEL }) }

/** What cannot be unpacked is returned as the text that it is: whoever reads it finds that it is no JSON, and sets it aside. */
function unpacked({ S, B }: AttributeValue = { S: '' }): string {
  try {
    return S ?? gunzipSync(B!).toString('utf8')
  } catch {
    return Buffer.from(B ?? []).toString('base64')
  }
}

const rowOf = (item: Item): Row => ({
  ...keyOf(item),
  rev: Number.isNaN(item.rev) ? { S: 'frozen' } : { N: String(item.rev) },
  body: packed(item.body),
  ...(item.expires !== undefined && { expires: { N: String(item.expires) } }),
})

export const itemOf = (row: Row): Item => ({
  pk: row['pk']!.S!,
  sk: row['sk']!.S!,
  rev: row['rev']?.S === undefined ? Number(row['rev']?.N ?? 0) : NaN,
  body: unpacked(row['body']),
})

/** DynamoDB takes no empty text for a key. */
const keyCondition = (pk: string, prefix: string) => ({
  KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
  ExpressionAttributeValues: { ':pk': { S: pk }, ...(prefix !== '' && { ':prefix': { S: prefix } }) },
})

/** How often unprocessed keys are requested again within one call; DynamoDB returns some when it throttles. */
const MOST_ROUNDS = 8

export function dynamoTable(TableName: string, client = new DynamoDBClient({})): Table {
  const put = async (item: Item, condition: string, rev: number): Promise<boolean> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: rowOf(item),
          ConditionExpression: condition,
          ExpressionAttributeValues: { ':rev': { N: String(rev) } },
        }),
      )
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw error
    }
  }
  return {
    async get(key) {
      const { Item: row } = await client.send(new GetItemCommand({ TableName, Key: keyOf(key), ConsistentRead: true }))
      return row && itemOf(row)
    },
    async getMany(keys) {
      const found: Item[] = []
      let asked: Row[] = keys.map(keyOf)
      for (let round = 0; asked.length > 0; round++) {
        if (round === MOST_ROUNDS) throw new Error('DynamoDB throttles: some alarms could not be read')
        if (round > 0) await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** round * Math.random()))
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: asked, ConsistentRead: true } } }),
        )
        found.push(...(Responses?.[TableName] ?? []).map(itemOf))
        asked = UnprocessedKeys?.[TableName]?.Keys ?? []
      }
      return found
    },
    replace: (item, expected) =>
      expected === 0 ? put(item, 'attribute_not_exists(pk) OR rev = :rev', 0) : put(item, 'rev = :rev', expected),
    async advance(item) {
      await put(item, 'attribute_not_exists(pk) OR rev < :rev', item.rev)
    },
    async remove(key, expected) {
      try {
        await client.send(
          new DeleteItemCommand({
            TableName,
            Key: keyOf(key),
            ConditionExpression: expected === 0 ? 'attribute_not_exists(pk) OR rev = :rev' : 'rev = :rev',
            ExpressionAttributeValues: { ':rev': { N: String(expected) } },
          }),
        )
        return true
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false
        throw error
      }
    },
    async list(pk, prefix) {
      const found: Item[] = []
      let start: Row | undefined
      do {
        const page = await client.send(
          new QueryCommand({
            TableName,
            ...keyCondition(pk, prefix),
            ConsistentRead: true,
            ...(start && { ExclusiveStartKey: start }),
          }),
        )
        found.push(...(page.Items ?? []).map(itemOf))
        start = page.LastEvaluatedKey
      } while (start)
      return found
    },
    async scan() {
      const found: Item[] = []
      let start: Row | undefined
      do {
        const page = await client.send(
          new ScanCommand({ TableName, ConsistentRead: true, ...(start && { ExclusiveStartKey: start }) }),
        )
        found.push(...(page.Items ?? []).map(itemOf))
        start = page.LastEvaluatedKey
      } while (start)
      return found
    },
  }
}
