// The table on an emulator: what is written comes back, small or large, and only a writer who knows the latest version may replace it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import { dynamoTable } from '../../lambda/adapters/dynamodb.ts'
import type { Table } from '../../lambda/ports/table.ts'

let server: Server
let client: DynamoDBClient
let table: Table

beforeAll(async () => {
  server = dynalite({ createTableMs: 0 })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()))
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials })
  const keys = ['pk', 'sk'] as const
  await client.send(
    new CreateTableCommand({
      TableName: 'board',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map((AttributeName, place) => ({ AttributeName, KeyType: place === 0 ? 'HASH' : 'RANGE' })),
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    }),
  )
  table = dynamoTable('board', client)
})

afterAll(() => {
  client.destroy()
  server.close()
})

const key = { pk: 'BOARD', sk: 'BOARD' }
const large = JSON.stringify({ text: 'ein Glöckchen 🔔 '.repeat(5000) })

describe('an item', () => {
  test('that nobody may replace is read, and not replaced', async () => {
    const frozen = { pk: 'FROZEN', sk: 'FROZEN' }
    expect(await table.replace({ ...frozen, rev: NaN, body: '{}' }, 0)).toBe(true)
    expect(await table.get(frozen)).toEqual({ ...frozen, rev: NaN, body: '{}' })
    for (const rev of [0, 1]) expect(await table.replace({ ...frozen, rev: 1, body: '{"a":1}' }, rev)).toBe(false)
    await expect(table.replace({ ...frozen, rev: 1, body: '{"a":1}' }, NaN)).rejects.toThrow()
    expect((await table.get(frozen))?.body).toBe('{}')
  })

  test('small: comes back, and people can read it', async () => {
    await table.replace({ ...key, rev: 1, body: '{"a":1}' }, 0)
    expect(await table.get(key)).toEqual({ ...key, rev: 1, body: '{"a":1}' })
    const { Item } = await client.send(
      new GetItemCommand({ TableName: 'board', Key: { pk: { S: 'BOARD' }, sk: { S: 'BOARD' } } }),
    )
    expect(Item!['body']).toEqual({ S: '{"a":1}' })
  })

  test('large: comes back the same, and takes a fraction of the room', async () => {
    expect(await table.replace({ ...key, rev: 2, body: large }, 1)).toBe(true)
    expect(await table.get(key)).toEqual({ ...key, rev: 2, body: large })
    expect((await table.getMany([key]))[0]!.body).toBe(large)
    expect((await table.list('BOARD', 'BO'))[0]!.body).toBe(large)
    const { Item } = await client.send(
      new GetItemCommand({ TableName: 'board', Key: { pk: { S: 'BOARD' }, sk: { S: 'BOARD' } } }),
    )
    expect(Item!['body']!.B!.length).toBeLessThan(large.length / 5)
  })

  test.each([
    ['cut off', { body: { B: new Uint8Array([31, 139, 8, 0, 1, 2]) } }],
    ['without a body', {}],
  ])('that is %s comes back as something that is no JSON, and hides nothing else', async (_, row) => {
    const spoiled = { pk: 'SPOILED', sk: 'SPOILED' }
    const Item = { pk: { S: 'SPOILED' }, sk: { S: 'SPOILED' }, rev: { N: '3' }, ...row }
    await client.send(new PutItemCommand({ TableName: 'board', Item }))
    const found = [...(await table.getMany([spoiled, key])), ...(await table.scan())]
    expect(found.filter(({ pk }) => pk === 'BOARD').map(({ rev }) => rev)).toEqual([2, 2])
    for (const { body } of found.filter(({ pk }) => pk === 'SPOILED'))
      expect(() => JSON.parse(body) as unknown).toThrow()
  })

  test('is replaced only by who knows the latest, and never by an older one', async () => {
    expect(await table.replace({ ...key, rev: 9, body: '{}' }, 1)).toBe(false)
    await table.advance({ ...key, rev: 1, body: '{}' })
    expect((await table.get(key))!.rev).toBe(2)
  })

  test('is removed only by who knows the latest', async () => {
    await table.remove(key, 1)
    expect(await table.get(key)).toBeDefined()
    await table.remove(key, 2)
    expect(await table.get(key)).toBeUndefined()
    await table.remove(key, 2)
  })
})

describe('a partition', () => {
  const keys = (items: { sk: string }[]): string[] => items.map(({ sk }) => sk)

  test('is listed whole, or the items whose key begins like this', async () => {
    for (const sk of ['OPEN#1', 'OPEN#2', 'STATE']) await table.replace({ pk: 'PLACE', sk, rev: 1, body: '{}' }, 0)
    expect(keys(await table.list('PLACE', ''))).toEqual(['OPEN#1', 'OPEN#2', 'STATE'])
    expect(keys(await table.list('PLACE', 'OPEN#'))).toEqual(['OPEN#1', 'OPEN#2'])
  })

  test('is never asked for with an empty key, which DynamoDB refuses where the emulator does not', async () => {
    const asked: unknown[] = []
    const strict = dynamoTable('board', {
      send: (command: { input: { ExpressionAttributeValues: Record<string, { S: string }> } }) => {
        asked.push(...Object.values(command.input.ExpressionAttributeValues).map(({ S }) => S))
        return Promise.resolve({})
      },
    } as unknown as DynamoDBClient)
    await strict.list('PLACE', '')
    expect(asked).toEqual(['PLACE'])
  })
})
