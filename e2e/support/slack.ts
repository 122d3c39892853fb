// The fake Slack, served on this machine: the deployed functions call it, and it sends people's clicks to the function URL.
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSlack, type Message, type PretendSlack } from '../../local/slack/index.ts'

export const BOT_TOKEN = 'xoxb-pretend'
export const SIGNING_SECRET = 'the pretend Slack signs with this'
export const CHANNEL = { id: 'C0INCIDENTS', name: 'incidents' }
export const ANA = 'U0ANA'

export interface ServedSlack extends PretendSlack {
  apiUrl: string
  /** Tells it where clicks go. */
  sendsClicksTo(functionUrl: string): void
  /** The channel's messages, oldest first, as an app reads them, without thread replies. */
  messages(): Promise<Message[]>
  replies(ts: string): Promise<Message[]>
  close(): Promise<void>
}

export async function serveSlack(): Promise<ServedSlack> {
  let clicksGoTo = ''
  const slack = createSlack({
    token: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    interactivityUrl: () => clicksGoTo,
    channels: [CHANNEL],
  })
  const server = createServer((req, res) => void slack.handleApi(req, res))
  const apiUrl = `${await listen(server)}/api/`
  const ask = async (method: string, args: Record<string, string>): Promise<Message[]> => {
    const url = `${apiUrl}${method}?${new URLSearchParams({ channel: CHANNEL.id, limit: '200', ...args }).toString()}`
    const answer = (await (await fetch(url, { headers: { authorization: `Bearer ${BOT_TOKEN}` } })).json()) as {
      ok: boolean
      error?: string
      messages?: Message[]
    }
    if (!answer.ok) throw new Error(`Slack's ${method}: ${answer.error}`)
    return answer.messages ?? []
  }
  return {
    ...slack,
    apiUrl,
    sendsClicksTo(url) {
      clicksGoTo = url
    },
    messages: async () =>
      (await ask('conversations.history', {})).filter(({ ts, thread_ts: of = ts }) => of === ts).toReversed(),
    replies: async (ts) => (await ask('conversations.replies', { ts })).filter((message) => message.ts !== ts),
    close: () => end(server),
  }
}

/** A proxy on this machine for addresses that no name service here knows: `https://<id>.lambda-url.<region>.on.aws/`. */
export async function openDoor(functionUrl: string, gateway: string): Promise<{ url: string; close(): Promise<void> }> {
  const { host, pathname } = new URL(functionUrl)
  const server = createServer((req, res) => {
    const way = request(
      new URL(pathname, gateway),
      { method: req.method, headers: { ...req.headers, host } },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(res)
      },
    )
    way.on('error', () => res.writeHead(502).end())
    req.pipe(way)
  })
  return { url: `${await listen(server)}/`, close: () => end(server) }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function end(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
}
