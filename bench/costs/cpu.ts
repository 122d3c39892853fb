// How much CPU time does one AWS call take here? The real client, signing and packing, against a server in another process that says yes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoTable } from '../../lambda/adapters/dynamodb.ts'

const SERVER = `
const server = require('node:http').createServer((request, response) => {
  request.resume().on('end', () => response.setHeader('content-type', 'application/x-amz-json-1.0').end('{}'))
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

const WARM_UPS = 200

/** Milliseconds for a write of one kilobyte. */
export async function cpuMsOfCall(runs: number): Promise<number> {
  const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [port] = (await once(server.stdout, 'data')) as [Buffer]
    const client = new DynamoDBClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${String(port).trim()}`,
      credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    })
    const table = dynamoTable('bench', client)
    const item = { pk: 'ALARM#bench', sk: 'ALARM', rev: 1, body: JSON.stringify({ of: 'x'.repeat(900) }) }
    for (let i = 0; i < WARM_UPS; i++) await table.advance(item)
    const before = process.cpuUsage()
    for (let i = 0; i < runs; i++) await table.advance(item)
    const { user, system } = process.cpuUsage(before)
    client.destroy()
    return (user + system) / 1000 / runs
  } finally {
    server.kill()
  }
}
