// AWS calls by name, against a server that answers as AWS does: in the target's region, with its role, and with errors that say what to do.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tools } from '../../lambda/runtime.ts'
import { awsCloud } from '../../lambda/adapters/cloud/cloud.ts'
import { Refused, type CloudService } from '../../lambda/ports/tools.ts'

interface Request {
  region: string
  service: string
  key: string
  action: string
  body: string
}
type Answer = { status: number; type?: string; body: string }

let server: Server
let seen: Request[]
let answer: (request: Request) => Answer
const before = { ...process.env }

const read = async (request: IncomingMessage): Promise<string> => {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

beforeAll(async () => {
  server = createServer((request, response) => {
    void read(request).then((body) => {
      const [, key, , region, service] =
        /Credential=([^/]+)\/(\d+)\/([^/]+)\/([^/]+)/.exec(request.headers.authorization ?? '') ?? []
      const target = String(request.headers['x-amz-target'] ?? '')
        .split('.')
        .at(-1)
      const found = {
        key: key!,
        region: region!,
        service: service!,
        action: target || (/Action=(\w+)/.exec(body)?.[1] ?? request.url!),
        body,
      }
      seen.push(found)
      const { status, type = 'application/x-amz-json-1.1', body: text } = answer(found)
      response.writeHead(status, { 'content-type': type }).end(text)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'OWN',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_REGION: 'us-east-1',
  })
  delete process.env['AWS_SESSION_TOKEN']
})
afterAll(async () => {
  process.env = before
  await new Promise((done) => server.close(done))
})
beforeEach(() => {
  seen = []
  answer = () => ({ status: 200, body: '{}' })
})

const cloud = (role?: string) =>
  awsCloud({ region: 'eu-west-1', session: 'tocsin-INC-0001-1', ...(role !== undefined && { role }) })
const error = (status: number, type: string, message = 'no'): void =>
  void (answer = () => ({ status, body: JSON.stringify({ __type: type, message }) }))
const failure = (service: CloudService, action: string, input = {}): Promise<unknown> =>
  cloud()
    .call(service, action, input)
    .then(
      () => undefined,
      (error: unknown) => error,
    )

test("a call goes to the target's region, and its answer comes back as it is", async () => {
  answer = () => ({ status: 200, body: JSON.stringify({ services: [{ desiredCount: 4, createdAt: 1_700_000_000 }] }) })
  const input = { services: ['athena'], cluster: 'ml' }
  const { services } = await cloud().call<{ services: { desiredCount: number; createdAt: Date }[] }>(
    'ecs',
    'DescribeServices',
    input,
  )
  expect(services[0]).toEqual({ desiredCount: 4, createdAt: new Date(1_700_000_000_000) })
  expect(seen).toEqual([
    { key: 'OWN', region: 'eu-west-1', service: 'ecs', action: 'DescribeServices', body: JSON.stringify(input) },
  ])
})

const ASSUMED = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>THEIRS</AccessKeyId>
  <SecretAccessKey>y</SecretAccessKey><SessionToken>z</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`
const ROLE = 'arn:aws:iam::444455556666:role/tocsin'

test("a target's role is assumed once, under the run's name", async () => {
  answer = ({ action }) =>
    action === 'AssumeRole' ? { status: 200, type: 'text/xml', body: ASSUMED } : { status: 200, body: '{}' }
  const theirs = cloud(ROLE)
  await theirs.call('ecs', 'ListTasks', {})
  await theirs.call('ecs', 'ListTasks', {})
  expect(seen.map(({ action, key }) => `${key} ${action}`)).toEqual([
    'OWN AssumeRole',
    'THEIRS ListTasks',
    'THEIRS ListTasks',
  ])
  expect(decodeURIComponent(seen[0]!.body)).toContain(`RoleArn=${ROLE}`)
  expect(seen[0]!.body).toContain('RoleSessionName=tocsin-INC-0001-1')
})

test("a broker is looked up and its secret read with the target's role, in the target's region", async () => {
  const { port } = server.address() as AddressInfo
  const answers: Record<string, Answer> = {
    AssumeRole: { status: 200, type: 'text/xml', body: ASSUMED },
    '/v1/brokers': {
      status: 200,
      body: JSON.stringify({ brokerSummaries: [{ brokerName: 'studio', brokerId: 'b-1' }] }),
    },
    '/v1/brokers/b-1': {
      status: 200,
      body: JSON.stringify({
        brokerInstances: [{ consoleURL: `http://127.0.0.1:${port}`, endpoints: ['amqps://127.0.0.1:1'] }],
      }),
    },
    GetSecretValue: { status: 200, body: JSON.stringify({ SecretString: '{"username":"u","password":"p"}' }) },
    '/api/nodes': { status: 200, type: 'application/json', body: '[]' },
  }
  answer = ({ action }) => answers[action] ?? { status: 404, body: '{}' }
  const broker = { broker: 'studio', secret: 'broker-login', vhost: '/', queues: ['*'] }
  await tools()({ rabbitmq: broker, role: ROLE, region: 'eu-north-1' })
    .broker.nodes()
    .catch(() => undefined)
  const calls = seen.filter(({ action }) => action !== 'AssumeRole' && !action.startsWith('/api'))
  expect([...new Set(calls.map(({ key, region, action }) => `${key} ${region} ${action}`))]).toEqual([
    'THEIRS eu-north-1 /v1/brokers',
    'THEIRS eu-north-1 /v1/brokers/b-1',
    'THEIRS eu-north-1 GetSecretValue',
  ])
  seen = []
  const elsewhere = { ...broker, secret: 'arn:aws:secretsmanager:eu-west-3:111122223333:secret:broker-login-AbCdEf' }
  await tools()({ rabbitmq: { ...elsewhere, api: `http://127.0.0.1:${port}`, amqp: 'amqp://127.0.0.1:1' } })
    .broker.nodes()
    .catch(() => undefined)
  expect(seen.map(({ key, region, action }) => `${key} ${region} ${action}`)).toContain('OWN eu-west-3 GetSecretValue')
})

test('a role that may not be assumed says which', async () => {
  answer = () => ({
    status: 403,
    type: 'text/xml',
    body: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>',
  })
  await expect(cloud(ROLE).call('ecs', 'ListTasks', {})).rejects.toEqual(
    new Refused(`sts AssumeRole ${ROLE}: Tocsin's role may not do this; allow it (not authorized)`),
  )
})

test.each([
  ['denied', 400, 'AccessDeniedException', "ecs UpdateService: Tocsin's role may not do this; allow it (no)"],
  ['gone', 400, 'ServiceNotFoundException', 'ecs UpdateService: it is not there; check the target in the config (no)'],
  ['wrong', 400, 'InvalidParameterException', 'ecs UpdateService was refused: InvalidParameterException: no'],
  [
    'unsigned',
    403,
    'UnrecognizedClientException',
    "ecs UpdateService: Tocsin's role has no valid credentials here (no)",
  ],
])('%s: trying again would not help', async (_, status, type, words) => {
  error(status, type)
  expect(await failure('ecs', 'UpdateService')).toEqual(new Refused(words))
})

test.each([
  [400, 'ThrottlingException'],
  [500, 'ServerException'],
  [400, 'UpdateInProgressException'],
])('%d %s may pass: it is thrown as it is', async (status, type) => {
  error(status, type)
  const thrown = await failure('ecs', 'UpdateService')
  expect(thrown).toBeInstanceOf(Error)
  expect(thrown).not.toBeInstanceOf(Refused)
  expect((thrown as Error).name).toBe(type)
})

test('what is not in the table is never sent', async () => {
  expect(await failure('ecs', 'DeleteCluster')).toEqual(
    new Refused("nobody has declared the call ecs DeleteCluster: put it into the runbook's apis"),
  )
  expect(seen).toEqual([])
})

test('nobody listens: it may pass', async () => {
  const there = process.env['AWS_ENDPOINT_URL']
  process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9'
  const thrown = await failure('ssm', 'GetParameter', { Name: '/x' })
  process.env['AWS_ENDPOINT_URL'] = there
  expect(thrown).not.toBeInstanceOf(Refused)
  expect(String(thrown)).toContain('ECONNREFUSED')
})

/** A first call to every service, to show that each client loads and works. */
test.each<[CloudService, string, object, string]>([
  ['autoscaling', 'DescribeAutoScalingGroups', { AutoScalingGroupNames: ['g'] }, 'autoscaling'],
  ['cloudwatch', 'DescribeAlarms', { AlarmNames: ['a'] }, 'monitoring'],
  ['ec2', 'DescribeVolumes', { VolumeIds: ['vol-1'] }, 'ec2'],
  ['ecs', 'ListTasks', { cluster: 'ml' }, 'ecs'],
  [
    'elbv2',
    'DescribeTargetHealth',
    { TargetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/b' },
    'elasticloadbalancing',
  ],
  ['lambda', 'Invoke', { FunctionName: 'f', Payload: '{}' }, 'lambda'],
  ['rds', 'DescribeDBInstances', { DBInstanceIdentifier: 'd' }, 'rds'],
  ['sqs', 'GetQueueUrl', { QueueName: 'q' }, 'sqs'],
  ['ssm', 'GetParameter', { Name: '/p' }, 'ssm'],
])('%s %s is sent to %3$s', async (service, action, input, name) => {
  answer = () => ({ status: 400, type: 'text/plain', body: 'unreadable' })
  await failure(service, action, input)
  expect(seen[0]).toMatchObject({ service: name, region: 'eu-west-1' })
})
