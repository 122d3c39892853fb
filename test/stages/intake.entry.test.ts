// The function as Lambda calls it: with a batch of the queue, and as the action of an alarm.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs'
import type { SQSEvent } from 'aws-lambda'
import { checkConfig } from '../../lambda/config.ts'
import type { handler as Handler } from '../../lambda/entry/intake.ts'
import { readBoard } from '../../lambda/store/board.ts'
import type { Table } from '../../lambda/ports/table.ts'
import { startCloud, type Cloud } from '../../local/cloud.ts'
import { event } from '../support/alarms.ts'

const config = checkConfig({ slack: { channel: '#incidents' }, services: { api: {} } })
const folder = mkdtempSync(join(tmpdir(), 'tocsin-entry-'))
let cloud: Cloud
let handler: typeof Handler
let table: Table
let client: SQSClient

beforeAll(async () => {
  cloud = await startCloud({ secret: {}, start: () => undefined })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  Object.assign(process.env, cloud.environment, { TOCSIN_CONFIG: join(folder, 'config.json') })
  ;({ handler } = await import('../../lambda/entry/intake.ts'))
  table = (await import('../../lambda/runtime.ts')).table()
  client = new SQSClient({})
})
afterAll(async () => {
  client.destroy()
  await cloud.close()
  rmSync(folder, { recursive: true })
})

const received = async (): Promise<Message[]> =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl: cloud.intakeUrl, MaxNumberOfMessages: 10 }))).Messages ?? []
const batchOf = (messages: Message[]): SQSEvent =>
  ({
    Records: messages.map(({ MessageId, Body }) => ({ messageId: MessageId, body: Body, eventSource: 'aws:sqs' })),
  }) as SQSEvent

test('an alarm that calls it goes into the queue, and from there into an incident', async () => {
  await handler(event({ name: 'api/latency', service: 'api' }) as Record<string, unknown>)
  expect((await readBoard(table)).incidents).toEqual({})
  const messages = await received()
  expect(messages).toHaveLength(1)
  expect(await handler(batchOf(messages))).toEqual({ batchItemFailures: [] })
  expect(Object.values((await readBoard({ ...table })).incidents)).toMatchObject([{ services: { api: {} } }])
})

test.each([[{}], [[]], ['text'], [null]])('whatever else calls it ends in the queue as well: %j', async (anything) => {
  await handler(anything as unknown as Record<string, unknown>)
  expect((await received()).map(({ Body }) => Body)).toEqual([JSON.stringify(anything)])
})
