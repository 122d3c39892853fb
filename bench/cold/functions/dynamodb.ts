// What any function costs that uses AWS's own client for DynamoDB: it only imports it.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

export const handler = async (): Promise<DynamoDBClient> => new DynamoDBClient({})
