// What Lambda calls for a request to the function URL.
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda'
import { respond } from '../stages/respond.ts'
import { clock, dialogs, log, notices, rules, secrets, table, timers, runs, people } from '../runtime.ts'

const runtime = {
  table: table(),
  notices: notices(),
  timers: timers(),
  runs: runs(),
  people: people(),
  dialogs: dialogs(),
  secrets: secrets(),
  clock,
  log,
  rules: rules(),
}

export async function handler(event: LambdaFunctionURLEvent): Promise<APIGatewayProxyStructuredResultV2> {
  const body = event.body ?? ''
  return respond(runtime, {
    headers: event.headers,
    rawBody: event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
  })
}
