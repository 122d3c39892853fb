// A small Slack on loopback that answers as it is told, and remembers what it was asked.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Call {
  method: string
  token: string | undefined
  form: Record<string, string>
}

export interface Reply {
  body?: unknown
  status?: number
  headers?: Record<string, string>
}

export interface FakeSlack {
  url: string
  calls: Call[]
  /** Answers of a method, in order; the last one stays. */
  answers: Record<string, Reply[]>
  close(): Promise<void>
}

export async function fakeSlack(): Promise<FakeSlack> {
  const calls: Call[] = []
  const fake: Pick<FakeSlack, 'answers'> = { answers: {} }
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const method = request.url!.split('/').at(-1)!
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')))
      calls.push({ method, token: request.headers.authorization, form })
      const answers = fake.answers[method] ?? []
      const { body, status, headers } = (answers.length > 1 ? answers.shift() : answers[0]) ?? {
        body: { ok: false, error: 'unknown_method' },
      }
      response.writeHead(status ?? 200, { 'content-type': 'application/json', ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body ?? { ok: true }))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    calls,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((done) => server.close(() => done()))
    },
  })
}
