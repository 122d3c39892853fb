// What any function costs that keeps something in DynamoDB with AWS's own client: it only imports it.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

export const handler = async (): Promise<DynamoDBClient> => new DynamoDBClient({})
