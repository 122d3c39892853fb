// How much memory and processor time does each function need to start and work? `node bench/memory.ts` prints what lib/function/memory.ts builds on.
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dynamoTable } from '../lambda/adapters/dynamodb.ts'
import { markAnswer, markHeartbeat } from '../lambda/core/watchdog/heartbeat.ts'
import { rulesOf } from '../lambda/core/services/rules.ts'
import { readBoard } from '../lambda/store/board.ts'
import { throughDoor } from '../lambda/store/door.ts'
import { bundle } from '../lib/function/bundle.ts'
import { startCloud } from '../local/cloud.ts'
import { createSlack } from '../local/slack/index.ts'
import { batchesOf, median } from './measure.ts'

/** Of the process: milliseconds of processor time, mebibytes. */
interface Usage {
  initCpuMs: number
  firstCpuMs: number | undefined
  laterCpuMs: number | undefined
  peakMiB: number
}

/** Calls the handler with each of its events, one after another. */
const SCRIPT = `
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 }
const { handler, whenDue } = require(process.argv[1])
const initCpuMs = cpu()
process.once('message', async (events) => {
  const took = []
  for (const event of events) {
    const before = cpu()
    await (handler ?? whenDue)(event, { getRemainingTimeInMillis: () => 120000 })
    took.push(cpu() - before)
  }
  process.send({ initCpuMs, took, peakMiB: process.resourceUsage().maxRSS / 1024 }, () => process.exit())
})`

const SECRET = { botToken: 'xoxb-bench', signingSecret: 'bench' }
const TIMES = 7
const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'))
const servers: Server[] = []
const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const { config, batches } = batchesOf({ alarms: TIMES * 10, incidents: 1, services: 20, seed: 1, start: Date.now() })
const cloud = await startCloud({ secret: SECRET, start: () => undefined })
Object.assign(process.env, cloud.environment)
const slack = createSlack({
  token: SECRET.botToken,
  signingSecret: SECRET.signingSecret,
  interactivityUrl: () => '',
  channels: [{ id: 'C0INCIDENTS', name: config.slack.channel.replace(/^#/, '') }],
})
const slackUrl = await serve((request, response) => void slack.handleApi(request, response))

/** What the other stages would do with the alarm that the watchdog sets off. */
const store = {
  table: dynamoTable('tocsin'),
  rules: rulesOf(config),
  clock: { now: Date.now, sleep: async () => undefined, sleepUpTo: async () => undefined },
  notices: { changed: async () => undefined },
  timers: { wake: async () => undefined, tell: async () => undefined },
  runs: { start: async () => undefined },
  log: () => undefined,
}
const bellUrl = await serve((_request, response) => {
  const passed = throughDoor(store, {
    move(draft) {
      markHeartbeat(draft, draft.now)
      markAnswer(draft, draft.now, undefined)
    },
  })
  void passed.then(() => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}'))
})
writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
const environment = {
  ...process.env,
  TOCSIN_CONFIG: join(folder, 'config.json'),
  TOCSIN_SLACK_API_URL: `${slackUrl}/api/`,
  TOCSIN_DEAD_LETTERS_URL: cloud.deadLettersUrl,
  TOCSIN_RUNS_ARN: 'arn:aws:lambda:us-east-1:000000000000:function:tocsin-run-*:live',
  TOCSIN_STACK: 'Tocsin',
  AWS_ENDPOINT_URL_CLOUDWATCH: bellUrl,
}

function run(entry: string, events: readonly unknown[]): Promise<Usage> {
  const file = join(folder, `${entry}.cjs`)
  bundle(fileURLToPath(new URL(`../lambda/entry/${entry}.ts`, import.meta.url)), file)
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', SCRIPT, file], {
      env: environment,
      stdio: ['ignore', 'ignore', 2, 'ipc'],
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${entry} ended with ${code}`)))
    child.once('message', ({ initCpuMs, took, peakMiB }: { initCpuMs: number; took: number[]; peakMiB: number }) =>
      resolve({
        initCpuMs,
        firstCpuMs: took[0],
        laterCpuMs: took.length > 1 ? median(took.slice(1)) : undefined,
        peakMiB,
      }),
    )
    child.send(events)
  })
}

const batch = (events: readonly object[]) => ({
  Records: events.map((event, i) => ({ messageId: String(i), body: JSON.stringify(event), eventSource: 'aws:sqs' })),
})

function click(incident: string): object {
  const payload = {
    type: 'block_actions',
    user: { id: 'U0ANA', name: 'ana' },
    actions: [{ action_id: 'acknowledge', block_id: `incident:${incident}` }],
  }
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = `v0=${createHmac('sha256', SECRET.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  return {
    headers: { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature },
    body,
    isBase64Encoded: false,
  }
}

const measured: Record<string, Usage> = {}
measured['intake'] = await run(
  'intake',
  batches.map(({ events }) => batch(events)),
)
measured['notify'] = await run(
  'notify',
  Array.from({ length: TIMES }, () => batch([{}])),
)
const [incident = ''] = Object.keys((await readBoard(store.table)).incidents)
measured['respond'] = await run(
  'respond',
  Array.from({ length: TIMES }, () => click(incident)),
)
measured['escalate (starts)'] = await run('escalate', [])
measured['escalate (looks again)'] = await run(
  'when-due',
  Array.from({ length: TIMES }, () => ({ incident })),
)
measured['watchdog'] = await run(
  'watchdog',
  Array.from({ length: 3 }, () => ({})),
)

console.table(
  Object.fromEntries(
    Object.entries(measured).map(([name, usage]) => [
      name,
      Object.fromEntries(
        Object.entries(usage).flatMap(([what, value]) =>
          value === undefined ? [] : [[what, Math.round(value as number)]],
        ),
      ),
    ]),
  ),
)
for (const server of servers) server.closeAllConnections()
for (const server of servers) server.close()
await cloud.close()
rmSync(folder, { recursive: true, force: true })
process.exit(0)
