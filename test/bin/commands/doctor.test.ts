// `tocsin doctor` against a whole account on loopback: what it finds, what it says to do, and when it fails.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { folder, type Folder } from '../cli.ts'
import { command } from '../../../bin/commands/doctor.ts'
import { deployed, incidentsBut, NO_STACK, stackWith, whoAmI, type Deployed } from '../deployed.ts'
import { Refusal } from '../fake-aws.ts'
import { live, run } from '../in-process.ts'

interface Told {
  ok: boolean
  checks: { check: string; is: string; found: string; todo?: string }[]
}

let world: Deployed
let dir: Folder
beforeAll(async () => {
  world = await deployed()
  live(world.environment)
  dir = await folder(world.environment)
  await dir.write('tocsin.config.json', { slack: { channel: '#incidents' }, services: { api: {} } })
})
beforeEach(() => world.reset())
afterAll(async () => {
  await world.close()
  await dir.remove()
})

const doctor = (...args: string[]) => run(command, ['--config', `${dir.path}/tocsin.config.json`, ...args])

async function told(
  ...args: string[]
): Promise<{ code: number | null; of: (check: string) => string | undefined; ok: boolean }> {
  const { code, stdout } = await doctor('--json', ...args)
  const { ok, checks } = JSON.parse(stdout) as Told
  return {
    code,
    ok,
    of: (name) => {
      const found = checks.find(({ check }) => check === name)
      return found && `${found.is}: ${found.found}${found.todo ? ` → ${found.todo}` : ''}`
    },
  }
}

test('a healthy deployment: one line a check, and what comes next', async () => {
  const { code, stdout, stderr } = await dir.run('doctor', '--config', 'tocsin.config.json')
  expect(stderr).toBe('')
  expect(stdout.split('\n')).toEqual([
    '✓ config              tocsin.config.json: 1 service, channel #incidents',
    '✓ account             123456789012 in eu-central-1, as assumed-role/Admin/ana',
    '✓ CDK bootstrap       version 25',
    '✓ stack               Tocsin is CREATE_COMPLETE',
    '✓ concurrency         1000 executions at once, 990 of them not reserved',
    '✓ durable functions   Tocsin-escalate can wait for 8 d',
    '✓ Slack secret        stored',
    '✓ Slack token         valid: tocsin in Tocsin (https://tocsin-local.slack.com/)',
    '✓ Slack scopes        all that are needed, 9 in all',
    '✓ Slack channel       #incidents (C0INCIDENTS), and tocsin is in it',
    '✓ address for clicks  refuses what Slack did not sign, and takes what is signed',
    '✓ intake queue        empty',
    '✓ notices queue       empty',
    '✓ dead letters        none',
    '✓ watchdog            tells ops@example.com',
    '',
    'All is well. Try it: npx tocsin test-alarm',
    '',
  ])
  expect(code).toBe(0)
})

test('before the first deploy nothing has failed, and the next step is told', async () => {
  world.aws.answers['DescribeStacks'] = NO_STACK
  world.aws.answers['GetParameter'] = new Refusal('ParameterNotFound')
  const { code, stdout } = await doctor()
  expect(code).toBe(0)
  expect(stdout).toContain('· CDK bootstrap       this account and region are not bootstrapped')
  expect(stdout).toContain('→ npx cdk bootstrap aws://123456789012/eu-central-1')
  expect(stdout).toContain('· stack               Tocsin is not deployed here')
  expect(stdout).toContain('✓ durable functions   Lambda in eu-central-1 answers for them')
  expect(stdout).toContain('- Slack secret        needs the deployed stack first')
  expect(stdout).toContain('Nothing failed. The set-up goes on with: npx cdk bootstrap aws://')
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
})

test('without credentials it says so once, and leaves the rest out', async () => {
  const bare = await folder({ ...world.environment, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })
  const { code, stdout } = await bare.run('doctor')
  await bare.remove()
  expect(code).toBe(1)
  expect(stdout).toContain('✗ account             no AWS credentials were found')
  expect(stdout).toContain('· config              no tocsin.config.ts here')
  expect(stdout).toContain('1 of 15 checks failed')
})

describe('what is wrong is found, with what to do', () => {
  test.each<[what: string, check: string, spoil: (world: Deployed) => unknown, told: RegExp]>([
    [
      'an old bootstrap',
      'CDK bootstrap',
      ({ aws }) => (aws.answers['GetParameter'] = { Parameter: { Value: '4' } }),
      /^failed: version 4 .*npx cdk bootstrap/,
    ],
    [
      'a broken stack',
      'stack',
      ({ aws }) => (aws.answers['DescribeStacks'] = stackWith({}, 'UPDATE_ROLLBACK_FAILED')),
      /^failed: Tocsin is UPDATE_ROLLBACK_FAILED/,
    ],
    [
      'a function that is not durable',
      'durable functions',
      ({ aws }) => (aws.answers['GetFunctionConfiguration'] = {}),
      /^failed: Tocsin-escalate is not durable/,
    ],
    [
      'a permission that is missing',
      'concurrency',
      ({ aws }) =>
        (aws.answers['GetAccountSettings'] = new Refusal('AccessDeniedException', 'User ana is not authorized', 403)),
      /^failed: AWS does not allow it → User ana is not authorized/,
    ],
    [
      'no secret yet',
      'Slack secret',
      ({ aws }) => (aws.answers['GetSecretValue'] = { SecretString: 'f8Zr0-random' }),
      /^not yet: .*tocsin slack connect/,
    ],
    [
      'a revoked token',
      'Slack token',
      ({ slack }) => slack.answer('auth.test', { body: { ok: false, error: 'token_revoked' } }),
      /^failed: the bot token is not valid/,
    ],
    [
      'a scope that is missing',
      'Slack scopes',
      ({ slack }) => slack.answer('auth.test', whoAmI(['chat:write'])),
      /^failed: missing: channels:read, groups:read, .*install it again/,
    ],
    [
      'a channel that does not exist',
      'Slack channel',
      ({ slack }) => slack.answer('conversations.list', { body: { ok: true, channels: [] } }),
      /^failed: tocsin sees no channel #incidents/,
    ],
    [
      'a channel without Tocsin',
      'Slack channel',
      ({ slack }) => slack.answer('conversations.list', incidentsBut({ is_member: false })),
      /^failed: tocsin is not in #incidents.*\/invite @tocsin/,
    ],
    [
      'an archived channel',
      'Slack channel',
      ({ slack }) => slack.answer('conversations.list', incidentsBut({ is_archived: true })),
      /^failed: #incidents is archived/,
    ],
    [
      'an address that believes everybody',
      'address for clicks',
      ({ respond }) => (respond.status = () => 200),
      /^failed: answers 200 to a request without a signature, not 401/,
    ],
    [
      'an address that believes nobody',
      'address for clicks',
      ({ respond }) => (respond.status = () => 401),
      /^failed: answers 401 to a good signature/,
    ],
    [
      'an address that believes any signature',
      'address for clicks',
      ({ respond }) => (respond.status = (headers) => (headers['x-slack-signature'] ? 200 : 401)),
      /^failed: answers 200 to a forged signature/,
    ],
    [
      'an e-mail that nobody confirmed',
      'watchdog',
      ({ aws }) =>
        (aws.answers['ListSubscriptionsByTopic'] = {
          Subscriptions: {
            member: [{ Protocol: 'email', Endpoint: 'ops@example.com', SubscriptionArn: 'PendingConfirmation' }],
          },
        }),
      /^failed: ops@example.com did not confirm/,
    ],
    [
      'a watchdog that nobody hears',
      'watchdog',
      ({ aws }) => (aws.answers['ListSubscriptionsByTopic'] = {}),
      /^not yet: nobody hears.*watchdog: \{ emails/,
    ],
  ])('%s', async (_what, check, spoil, expected) => {
    spoil(world)
    const { code, ok, of } = await told()
    expect(of(check)).toMatch(expected)
    const isFailure = expected.source.startsWith('^failed')
    expect({ code, ok }).toEqual(isFailure ? { code: 1, ok: false } : { code: 0, ok: true })
  })
})

test('with teams, each channel is looked at', async () => {
  await dir.write('teams.json', {
    slack: { channel: '#incidents' },
    services: {},
    teams: { pay: { channel: '#pay' }, data: { channel: 'C0PAYMENTS' } },
  })
  const pay = { id: 'C0PAYMENTS', name: 'pay', is_member: false }
  world.slack.answer('conversations.list', {
    body: { ok: true, channels: [{ id: 'C0INCIDENTS', name: 'incidents', is_member: true }, pay] },
  })
  world.slack.answer('conversations.info', { body: { ok: true, channel: { ...pay, is_member: true } } })
  const { code, stdout } = await run(command, ['--config', `${dir.path}/teams.json`])
  expect(stdout).toContain('teams.json: 0 services and 2 teams,')
  const told = stdout.split('\n').filter((line) => line.includes('Slack channel') || line.includes('→'))
  expect(told).toEqual([
    '✓ Slack channel       #incidents (C0INCIDENTS), and tocsin is in it',
    '✗ Slack channel       tocsin is not in #pay',
    '                      → npx tocsin slack connect, or write /invite @tocsin in it',
    '✗ Slack channel       C0PAYMENTS and #pay are the same channel',
    '                      → write it the same way in the config, so that it gets one',
  ])
  expect(code).toBe(1)
})

test('a region without durable functions is told before anything is deployed', async () => {
  world.aws.answers['DescribeStacks'] = NO_STACK
  world.aws.answers['ListDurableExecutionsByFunction'] = new Refusal('UnknownOperationException', 'Unknown', 404)
  expect((await told()).of('durable functions')).toMatch(
    /^failed: Lambda in eu-central-1 does not know them → deploy in another region/,
  )
  world.aws.answers['ListDurableExecutionsByFunction'] = new Refusal(
    'AccessDeniedException',
    'User ana is not authorized',
    403,
  )
  expect((await told()).of('durable functions')).toMatch(/^unknown: Lambda does not tell/)
})

test('too little concurrency stops the first deploy; a deployed stack has its part', async () => {
  world.aws.answers['GetAccountSettings'] = {
    AccountLimit: { ConcurrentExecutions: 50, UnreservedConcurrentExecutions: 50 },
  }
  expect((await told()).of('concurrency')).toMatch(/^ok/)
  world.aws.answers['DescribeStacks'] = NO_STACK
  expect((await told()).of('concurrency')).toMatch(/^failed: 50 executions .*Tocsin reserves 10.*servicequotas/)
})

test('dead letters and messages that wait for long are found', async () => {
  await world.send('intake-dead', 'x')
  await world.send('intake', 'x')
  world.aws.answers['GetMetricStatistics'] = {
    Datapoints: [
      { Timestamp: Date.now() / 1000 - 60, Maximum: 1200 },
      { Timestamp: Date.now() / 1000 - 120, Maximum: 5 },
    ],
  }
  const { code, of } = await told()
  expect(of('dead letters')).toBe(
    'failed: 1 of intake, 0 of notices → npx tocsin redrive shows them, and sends them again',
  )
  expect(of('intake queue')).toMatch(
    /^failed: 1 message waiting, 0 being worked on, the oldest for 20 min → look at the logs of the Intake function/,
  )
  expect(code).toBe(1)
})

test('no secret is ever shown', async () => {
  const { stdout, stderr } = await doctor()
  expect(stdout + stderr).not.toMatch(/xoxb|the signing secret/)
})
