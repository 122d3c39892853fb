// `tocsin init`: what an account holds becomes a config that loads and in which every existing alarm finds a service.
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { check, resolveConfig } from 'prettier'
import { command } from '../../../bin/commands/init.ts'
import { loadConfig } from '../../../bin/load-config.ts'
import { serviceFinder } from '../../../lambda/core/services/matching.ts'
import { folder, type Folder } from '../cli.ts'
import { elsewhere } from '../deployed.ts'
import { fakeAws, Refusal, type FakeAws } from '../fake-aws.ts'
import { live, run } from '../in-process.ts'

let aws: FakeAws
let dir: Folder
beforeAll(async () => {
  aws = await fakeAws()
  live({ ...elsewhere(aws.url), AWS_ENDPOINT_URL_SQS: aws.url })
})
beforeEach(async () => {
  dir = await folder({ ...elsewhere(aws.url), AWS_ENDPOINT_URL_SQS: aws.url })
  aws.asked.length = 0
  aws.answers = studio()
})
afterAll(async () => {
  await aws.close()
  await dir.remove()
})

const GROUP = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/studio-api/0123456789abcdef'
const BALANCER = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/studio/50dc6c495c0c9188'
const arnOf = (name: string) => `arn:aws:sqs:eu-central-1:123456789012:${name}`

const metric = (AlarmName: string, Namespace: string, dimensions: Record<string, string>) => ({
  AlarmName,
  Namespace,
  MetricName: 'Any',
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
})

/** An account with one of everything. */
const studio = (): FakeAws['answers'] => ({
  GetCallerIdentity: { Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/ana', UserId: 'A' },
  ListClusters: { clusterArns: ['arn:aws:ecs:eu-central-1:123456789012:cluster/prod'] },
  ListServices: { serviceArns: ['a', 'b'] },
  DescribeServices: {
    services: [
      { serviceName: 'studio-api', serviceArn: 'a', status: 'ACTIVE', loadBalancers: [{ targetGroupArn: GROUP }] },
      { serviceName: "editor's", serviceArn: 'b', status: 'ACTIVE' },
    ],
  },
  DescribeAutoScalingGroups: {},
  ListFunctions: {
    Functions: [
      { FunctionName: 'mailer', FunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:mailer' },
      { FunctionName: 'lonely', FunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:lonely' },
      {
        FunctionName: 'Tocsin-escalate',
        FunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:Tocsin-escalate',
      },
    ],
  },
  ListEventSourceMappings: {
    EventSourceMappings: [
      { FunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:mailer:live', EventSourceArn: arnOf('mail') },
    ],
  },
  DescribeTargetGroups: { TargetGroups: { member: { TargetGroupArn: GROUP, LoadBalancerArns: { member: BALANCER } } } },
  DescribeLoadBalancers: {
    LoadBalancers: {
      member: {
        LoadBalancerName: 'studio',
        LoadBalancerArn: BALANCER,
        Type: 'application',
        DNSName: 'studio.elb.amazonaws.com',
      },
    },
  },
  DescribeDBClusters: {
    DBClusters: {
      DBCluster: {
        DBClusterIdentifier: 'core',
        Engine: 'aurora-postgresql',
        Endpoint: 'core.cluster-abc.eu-central-1.rds.amazonaws.com',
        DBClusterMembers: { DBClusterMember: [{ DBInstanceIdentifier: 'core-1' }, { DBInstanceIdentifier: 'core-2' }] },
      },
    },
  },
  DescribeDBInstances: {
    DBInstances: {
      DBInstance: [
        { DBInstanceIdentifier: 'core-1', DBClusterIdentifier: 'core', Engine: 'aurora-postgresql' },
        { DBInstanceIdentifier: 'reports', Engine: 'mysql' },
      ],
    },
  },
  ListBrokers: { brokerSummaries: [{ brokerName: 'studio', brokerId: 'b-1', engineType: 'RABBITMQ' }] },
  ListQueues: { QueueUrls: ['https://sqs/1/mail', 'https://sqs/1/mail-dead', 'https://sqs/1/quiet'] },
  GetQueueAttributes: ({ QueueUrl }) => {
    const name = String(QueueUrl).split('/').at(-1)!
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('mail-dead') })
    return { Attributes: { QueueArn: arnOf(name), ...(name === 'mail' && { RedrivePolicy }) } }
  },
  DescribeAlarms: {
    MetricAlarms: [
      metric('dead mail', 'AWS/SQS', { QueueName: 'mail-dead' }),
      metric('replica lag', 'AWS/RDS', { DBInstanceIdentifier: 'core-2' }),
      metric('5xx', 'AWS/ApplicationELB', {
        LoadBalancer: 'app/studio/50dc6c495c0c9188',
        TargetGroup: 'targetgroup/studio-api/0123456789abcdef',
      }),
      metric('orders throttled', 'AWS/DynamoDB', { TableName: 'orders' }),
      metric('billing/errors', 'Custom', {}),
      {
        AlarmName: 'ratio',
        Metrics: [
          { Id: 'e' },
          {
            Id: 'm',
            MetricStat: {
              Metric: {
                Namespace: 'ECS',
                MetricName: 'x',
                Dimensions: [
                  { Name: 'ServiceName', Value: 'studio-api' },
                  { Name: 'ClusterName', Value: 'prod' },
                ],
              },
              Period: 60,
              Stat: 'Sum',
            },
          },
        ],
      },
    ],
    CompositeAlarms: [{ AlarmName: 'Everything * is bad' }],
  },
  GetServiceGraph: {
    Services: [
      { ReferenceId: 0, Name: 'studio-api', Edges: [{ ReferenceId: 1 }, { ReferenceId: 2 }] },
      { ReferenceId: 1, Name: 'app@core.cluster-abc.eu-central-1.rds.amazonaws.com', Type: 'Database::SQL', Edges: [] },
      { ReferenceId: 2, Name: 'a library', Edges: [{ ReferenceId: 3 }] },
      { ReferenceId: 3, Name: 'https://sqs.eu-central-1.amazonaws.com/1/mail', Edges: [] },
    ],
  },
})

const init = (file: string, ...args: string[]) =>
  run(command, ['--config', `${dir.path}/${file}`, '--channel', '#incidents', '--time-zone', 'Europe/Zurich', ...args])

test('everything that is found, with its edges, as a config that loads', async () => {
  const { code, stderr } = await init(
    'tocsin.config.json',
    '--yes',
    '--approvers',
    'U012AB3CD',
    '--emails',
    'ops@example.com',
  )
  expect(stderr).toContain('Looking at what 123456789012 holds in eu-central-1; this changes nothing.')
  expect(stderr).toContain('All 7 alarms that exist find a service.')
  expect(code).toBe(0)
  const config = await loadConfig(`${dir.path}/tocsin.config.json`)
  expect(config).toMatchObject({
    slack: { channel: '#incidents', approvers: ['U012AB3CD'] },
    timeZone: 'Europe/Zurich',
    watchdog: { emails: ['ops@example.com'] },
  })
  const told = Object.fromEntries(
    Object.entries(config.services).map(([id, { kind, dependsOn }]) => [id, [kind, ...dependsOn]]),
  )
  expect(told).toEqual({
    'studio-api': ['service', 'core', 'mail'],
    "editor's": ['service'],
    mailer: ['service', 'mail'],
    studio: ['load-balancer', 'studio-api'],
    core: ['database'],
    reports: ['database'],
    'studio-broker': ['queue'],
    mail: ['queue'],
    orders: ['database'],
    billing: ['service'],
    'Everything * is bad': ['service'],
  })
  expect(config.services['studio']?.target).toEqual({
    alb: { loadBalancer: 'app/studio/50dc6c495c0c9188', targetGroup: 'targetgroup/studio-api/0123456789abcdef' },
  })
  expect(config.services['mail']).toMatchObject({
    target: { sqs: { queue: 'mail', deadLetters: 'mail-dead' } },
    alarms: [{ dimensions: { QueueName: 'mail' } }, { dimensions: { QueueName: 'mail-dead' } }],
  })
  const find = serviceFinder(config.services)
  expect(find({ name: 'replica lag', dimensions: { DBInstanceIdentifier: 'core-2' } })).toBe('core')
  expect(find({ name: 'Everything * is bad' })).toBe('Everything * is bad')
  expect(aws.asked.map(({ operation }) => operation).filter((name) => !/^(Get|List|Describe)/.test(name))).toEqual([])
})

test('TypeScript as a person would write it, which loads from where it lies', async () => {
  const file = `${dir.path}/tocsin.config.ts`
  expect((await init('tocsin.config.ts', '--yes')).code).toBe(0)
  const source = await readFile(file, 'utf8')
  expect(source).toContain('    "editor\'s": {\n')
  expect(source).toContain("      target: { ecs: { cluster: 'prod', service: 'studio-api' } },\n")
  expect(await check(source, { ...(await resolveConfig('tocsin.config.ts')), filepath: file })).toBe(true)
  const { code, stderr } = await dir.run('replay', '--events', await dir.write('e.jsonl', '{}\n'), '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('a person picks; edges to what is left out go with it', async () => {
  const pick = (choices: { name: string; value?: unknown }[]) =>
    choices.filter(({ name }) => /^(studio-api|mail) /.test(name)).map(({ value }) => value)
  const answers = ['', 'Nowhere/Land', 'UTC', 'not an id', '', 'ops@example.com', pick, true]
  const { code, stderr } = await run(command, ['--config', `${dir.path}/picked.json`], { answers })
  expect(stderr).toContain('This is not a time zone')
  expect(stderr).toContain('This is not a list of Slack ids')
  expect(stderr).toContain('2 of 7 alarms that exist find a service')
  expect(code).toBe(0)
  const { services, slack, watchdog } = await loadConfig(`${dir.path}/picked.json`)
  expect(slack.channel).toBe('#incidents')
  expect(watchdog.emails).toEqual(['ops@example.com'])
  expect(Object.entries(services).map(([id, { dependsOn }]) => [id, dependsOn])).toEqual([
    ['studio-api', ['mail']],
    ['mail', []],
  ])
})

test('what may not be seen is left out, and said', async () => {
  aws.answers['DescribeDBClusters'] = new Refusal('AccessDenied', 'ana may not rds:DescribeDBClusters', 403)
  aws.answers['GetServiceGraph'] = new Refusal('AccessDeniedException', 'no', 403)
  const { code, stderr } = await init('tocsin.config.json', '--yes')
  expect(code).toBe(0)
  expect(stderr).toContain('databases are left out: AWS does not allow it: ana may not rds:DescribeDBClusters')
  expect(stderr).toContain('traces of X-Ray are left out')
  const { services } = await loadConfig(`${dir.path}/tocsin.config.json`)
  expect(services['studio-api']?.dependsOn).toEqual([])
  // Its alarm still finds a service.
  expect(Object.keys(services)).toContain('core-2')
})

test('without credentials it only asks questions, and says so', async () => {
  aws.answers['GetCallerIdentity'] = new Refusal('InvalidClientTokenId', 'no', 403)
  const answers = [
    '#ops',
    'UTC',
    '',
    '',
    'web, api',
    (choices: { name: string; value?: unknown }[]) => choices.map(({ value }) => value),
    () => [],
    true,
  ]
  const { code, stderr } = await run(command, ['--config', `${dir.path}/asked.json`], { answers })
  expect(code).toBe(0)
  expect(stderr).toContain('Not looking at an AWS account: AWS does not accept these credentials')
  const { services } = await loadConfig(`${dir.path}/asked.json`)
  expect(Object.entries(services).map(([id, { dependsOn }]) => [id, dependsOn])).toEqual([
    ['web', ['api']],
    ['api', []],
  ])
})

test('services that are given need no account', async () => {
  const { code } = await init(
    'given.json',
    '--yes',
    '--service',
    'web=api, cache',
    '--service',
    'api',
    '--service',
    'cache',
  )
  expect({ code, asked: aws.asked }).toEqual({ code: 0, asked: [] })
  expect((await loadConfig(`${dir.path}/given.json`)).services['web']?.dependsOn).toEqual(['api', 'cache'])
})

test('a file that exists is replaced only after it was said', async () => {
  const file = `${dir.path}/tocsin.config.json`
  await writeFile(file, 'mine')
  const args = [
    '--config',
    file,
    '--channel',
    'ops',
    '--time-zone',
    'UTC',
    '--approvers',
    '',
    '--emails',
    '',
    '--no-aws',
  ]
  const { code, stderr } = await run(command, args, { answers: ['', false] })
  expect(code).toBe(2)
  expect(stderr).toContain('tocsin.config.json, which exists.')
  expect(await readFile(file, 'utf8')).toBe('mine')
})

test.each([
  [['--yes'], 'which Slack channel? Give --channel'],
  [['--yes', '--channel', 'Not A Channel'], '--channel "Not A Channel" is not a channel'],
  [['--yes', '--channel', 'ops', '--time-zone', 'Mars'], '--time-zone "Mars" is not a time zone'],
  [['--yes', '--channel', 'ops', '--approvers', 'ana'], '--approvers "ana" is not a list of Slack ids'],
  [['--yes', '--channel', 'ops', '--emails', 'ana'], '--emails "ana" is not a list of e-mail addresses'],
  [['--yes', '--channel', 'ops', '--service', 'web=nothing'], 'there is no service "nothing"'],
  [['--yes', '--channel', 'ops', '--service', '=x'], 'has no name'],
  [['--config', 'config.yaml'], 'neither TypeScript nor JSON'],
  [[], 'there is no terminal to ask in: add --yes'],
])('%j is a mistake, and nothing is written', async (args, words) => {
  const { code, stderr } = await run(
    command,
    args.includes('--config') ? args : [...args, '--config', `${dir.path}/none.json`],
  )
  expect(code).toBe(2)
  expect(stderr).toContain(words)
  await expect(readFile(`${dir.path}/none.json`)).rejects.toThrow('ENOENT')
})
