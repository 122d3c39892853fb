// Starts a private RabbitMQ on this machine: own ports, own folder, little memory, so that it soon blocks publishers.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RabbitMq {
  api: string
  amqp: string
  username: string
  password: string
  stop(): Promise<void>
}

/** Publishers block after some 20,000 messages of 4 KiB in quick succession. */
export const MEMORY_LIMIT = '130MB'
const START_SECONDS = 60
/** Its only user; the port is open to this machine only, and the node lives for minutes. */
const [USERNAME, PASSWORD] = ['tocsin', 'only for this test']

/** `settings`: lines of its configuration. */
export async function startRabbitMq(settings: string[] = []): Promise<RabbitMq> {
  const server = join(installed(), 'sbin', 'rabbitmq-server')
  const [amqpPort, apiPort, distPort, epmdPort] = await freePorts(4)
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-rabbitmq-'))
  const log = openSync(join(folder, 'log'), 'w')
  const env = environment(folder, { amqpPort, apiPort, distPort, epmdPort }, settings)
  // In the foreground: it ends with us, and serves nobody else.
  const epmd = spawn('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], { stdio: ['ignore', log, log], env })
  // A process group of its own: it is a script that starts the real server.
  const node = spawn(server, [], { stdio: ['ignore', log, log], env, detached: true })
  const stop = async (): Promise<void> => {
    await end(node, true)
    await end(epmd, false)
    rmSync(folder, { recursive: true, force: true })
  }
  const api = `http://127.0.0.1:${apiPort}`
  try {
    await isUp(api, node)
  } catch (error) {
    const said = readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n').slice(-20).join('\n')
    await stop()
    throw new Error(`${(error as Error).message}\n${said}`)
  }
  return { api, amqp: `amqp://127.0.0.1:${amqpPort}`, username: USERNAME, password: PASSWORD, stop }
}

/** Where Debian puts it. */
const PLACE = '/usr/lib/rabbitmq/lib'

function installed(): string {
  const found = existsSync(PLACE) ? readdirSync(PLACE).find((name) => name.startsWith('rabbitmq_server-')) : undefined
  if (found === undefined)
    throw new Error(
      'there is no RabbitMQ server on this machine: apt-get install -y --no-install-recommends rabbitmq-server',
    )
  return join(PLACE, found)
}

interface Ports {
  amqpPort: number
  apiPort: number
  distPort: number
  epmdPort: number
}

function environment(
  folder: string,
  { amqpPort, apiPort, distPort, epmdPort }: Ports,
  settings: string[],
): NodeJS.ProcessEnv {
  const data = join(folder, 'data')
  mkdirSync(data)
  writeFileSync(join(folder, 'plugins'), '[rabbitmq_management].\n')
  writeFileSync(
    join(folder, 'rabbitmq.conf'),
    [
      `listeners.tcp.1 = 127.0.0.1:${amqpPort}`,
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${apiPort}`,
      `vm_memory_high_watermark.absolute = ${MEMORY_LIMIT}`,
      // Not the memory that the process once allocated and keeps.
      'vm_memory_calculation_strategy = allocated',
      'disk_free_limit.absolute = 50MB',
      `default_user = ${USERNAME}`,
      `default_pass = ${PASSWORD}`,
      'log.file = false',
      'log.console = true',
      'log.console.level = warning',
      ...settings,
      '',
    ].join('\n'),
  )
  return {
    PATH: process.env['PATH'],
    // Where its cookie is.
    HOME: folder,
    LANG: 'C.UTF-8',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `tocsin${amqpPort}@localhost`,
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_MNESIA_BASE: data,
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
  }
}

async function freePorts(count: number): Promise<[number, number, number, number]> {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports as [number, number, number, number]
}

const AUTHORIZATION = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}`

async function isUp(api: string, node: ChildProcess): Promise<void> {
  for (let tries = 0; tries < START_SECONDS * 10; tries++) {
    if (node.exitCode !== null) throw new Error('RabbitMQ ended at once:')
    const answer = await fetch(`${api}/api/overview`, { headers: { authorization: AUTHORIZATION } }).catch(
      () => undefined,
    )
    if (answer?.ok) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`RabbitMQ did not answer within ${START_SECONDS} seconds:`)
}

async function end(child: ChildProcess, group: boolean): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  // Nothing in its folder will be read again.
  process.kill(group ? -child.pid : child.pid, 'SIGKILL')
  await ended
}
