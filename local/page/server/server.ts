/** Serves the page and the fake Slack, on this machine only. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseObject, readBody, sendJson } from '../../slack/http.ts'
import type { PretendSlack } from '../../slack/index.ts'
import { buildPage } from './build.ts'
import { createEvents } from './events.ts'
import type { Events } from './events.ts'
import { isLoopbackHost, isSameOrigin, SECURITY_HEADERS } from './guard.ts'
import { ORDERS } from './orders.ts'
import type { Stage } from './stage.ts'

export type { Stage } from './stage.ts'

export interface PageOptions {
  slack: PretendSlack
  stage: Stage
  /** 0 takes any free port. */
  port: number
  host: '127.0.0.1'
}

type World = Pick<PageOptions, 'slack' | 'stage'> & {
  events: Events
  files: Map<string, { type: string; body: Uint8Array | string }>
}

export async function servePage({
  slack,
  stage,
  port,
  host,
}: PageOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { html, js, css } = await buildPage()
  const files = new Map([
    ['/', { type: 'text/html; charset=utf-8', body: html }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', body: js }],
    ['/page.css', { type: 'text/css; charset=utf-8', body: css }],
  ])
  const events = createEvents(slack, stage)
  const server = createServer(
    (req, res) => void serve(req, res, { slack, stage, events, files }).catch(() => broken(res)),
  )
  try {
    await listen(server, port, host)
  } catch (error) {
    events.close()
    throw error
  }
  const { port: chosen } = server.address() as AddressInfo
  return {
    url: `http://${host}:${chosen}`,
    async close() {
      events.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} is taken on ${host}; choose another one, for example PORT=${port + 1} npm start.`
      reject(error.code === 'EADDRINUSE' ? new Error(taken, { cause: error }) : error)
    })
    server.listen(port, host, resolve)
  })
}

async function serve(req: IncomingMessage, res: ServerResponse, world: World): Promise<void> {
  if (!isLoopbackHost(req.headers.host)) return plain(res, 403, 'This server answers only to localhost.')
  if (await world.slack.handleApi(req, res)) return
  const { pathname, searchParams } = new URL(req.url ?? '/', 'http://page.local')
  const order = pathname.startsWith('/ui/') ? pathname.slice('/ui/'.length) : undefined
  if (order !== undefined) return takeOrder(req, res, order, world)
  if (req.method !== 'GET') return plain(res, 405, 'Only GET is possible here.')
  if (pathname === '/events') return openEvents(res, searchParams.get('user'), world)
  const file = world.files.get(pathname)
  if (!file) return plain(res, 404, 'There is nothing here.')
  res.writeHead(200, { 'content-type': file.type, ...SECURITY_HEADERS }).end(file.body)
}

async function takeOrder(req: IncomingMessage, res: ServerResponse, name: string, world: World): Promise<void> {
  const order = Object.hasOwn(ORDERS, name) ? ORDERS[name] : undefined
  if (!order) return sendJson(res, 404, { ok: false, error: 'There is nothing here.' })
  const refuse = (status: number, error: string) => sendJson(res, status, { ok: false, error })
  if (req.method !== 'POST') return refuse(405, 'Only POST is possible here.')
  if (!isSameOrigin(req)) return refuse(403, 'Only the page itself may do this.')
  // A form on another site cannot send this content type.
  if (!req.headers['content-type']?.startsWith('application/json'))
    return refuse(400, 'The body must be sent as application/json.')
  const text = await readBody(req)
  if (text === undefined) return refuse(400, 'The body is larger than 1 MB.')
  const body = parseObject(text || '{}')
  if (!body) return refuse(400, 'The body is not a JSON object.')
  const reply = await order(body, world)
  sendJson(res, reply.status, reply.body)
}

function openEvents(res: ServerResponse, user: string | null, { slack, events }: World): void {
  const { people } = slack.snapshot()
  const person = user ?? people[0]?.id
  if (!people.some(({ id }) => id === person)) return plain(res, 400, 'There is no such person.')
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  events.add(res, person ?? '')
}

function plain(res: ServerResponse, status: number, sentence: string): void {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...SECURITY_HEADERS }).end(`${sentence}\n`)
}

function broken(res: ServerResponse): void {
  if (res.headersSent) res.end()
  else plain(res, 500, 'The server failed on this request.')
}
