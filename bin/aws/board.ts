// The board of the deployed stack, read as the functions read it.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoTable } from '../../lambda/adapters/dynamodb.ts'
import type { Table } from '../../lambda/ports/table.ts'
import { CLIENT } from './client.ts'

export const tableCalled = (name: string): Table => dynamoTable(name, new DynamoDBClient(CLIENT))
