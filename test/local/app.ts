/** The two ends around the fake Slack in tests: a server that serves it, and an app that takes its interactions. */
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listening {
  url: string
  close: () => Promise<void>
}

export async function listen(handler: RequestListener): Promise<Listening> {
  const server: Server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface Received {
  headers: IncomingMessage['headers']
  body: string
  payload: Payload
}

/** The parts of Slack's payloads that the tests look at. */
export interface Payload {
  type: string
  trigger_id: string
  response_url: string
  user: { id: string; name: string }
  channel: { id: string }
  container: Record<string, unknown>
  message: { ts: string; blocks: unknown[] }
  actions: { action_id: string; block_id: string; type: string; value?: string; selected_option?: { value: string } }[]
  view: {
    id: string
    callback_id: string
    private_metadata: string
    state: { values: Record<string, Record<string, unknown>> }
  }
}

export interface App extends Listening {
  received: Received[]
  /** What the next interactions are answered with. @default 200 and nothing */
  answer: (payload: Payload) => unknown
}

/** An app that records what it gets; a number as the answer is a status code. */
export async function listenAsApp(): Promise<App> {
  const app: Omit<App, keyof Listening> = { received: [], answer: () => undefined }
  const listening = await listen((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const payload = JSON.parse(new URLSearchParams(body).get('payload') ?? '{}') as Payload
      app.received.push({ headers: req.headers, body, payload })
      void Promise.resolve(app.answer(payload)).then((answer) => {
        if (typeof answer === 'number') return res.writeHead(answer).end()
        res
          .writeHead(200, { 'content-type': 'application/json' })
          .end(answer === undefined ? '' : JSON.stringify(answer))
        return res
      })
    })
  })
  return Object.assign(app, listening)
}
