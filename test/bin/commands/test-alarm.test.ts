// `tocsin test-alarm`: follows an alarm hop by hop, says where it stopped, and always cleans up.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { command } from '../../../bin/commands/test-alarm.ts'
import { readBoard } from '../../../lambda/store/board.ts'
import { ACCOUNT, deployed, REGION, type Deployed } from '../deployed.ts'
import { folder, type Folder } from '../cli.ts'
import { Refusal } from '../fake-aws.ts'
import { live, run } from '../in-process.ts'
import { deploymentOf, type Deployment } from '../pipeline.ts'

let world: Deployed
beforeAll(async () => {
  world = await deployed()
  live(world.environment)
})
beforeEach(async () => {
  await world.reset()
  cloudWatch(deploymentOf(world), async (pipeline) => pipeline.tell('C0INCIDENTS/1772330401.000100'))
})
afterAll(() => world.close())

/** Keeps one alarm, and sends its changes through the real intake; `afterwards` is what the deployed notify function would do. */
function cloudWatch(pipeline: Deployment | undefined, afterwards: (pipeline: Deployment) => Promise<void>): void {
  const alarms = new Map<string, string>()
  Object.assign(world.aws.answers, {
    PutMetricAlarm: ({ AlarmName }: Record<string, unknown>) => {
      alarms.set(String(AlarmName), 'INSUFFICIENT_DATA')
      return {}
    },
    SetAlarmState: async ({ AlarmName, StateValue }: Record<string, unknown>) => {
      alarms.set(String(AlarmName), String(StateValue))
      await pipeline?.alarm(String(AlarmName), StateValue as 'ALARM' | 'OK')
      if (pipeline) await afterwards(pipeline)
      return {}
    },
    DescribeAlarms: () => ({
      MetricAlarms: [...alarms].map(([AlarmName, StateValue]) => ({
        AlarmName,
        StateValue,
        AlarmArn: `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${AlarmName}`,
      })),
    }),
    DeleteAlarms: ({ AlarmNames }: Record<string, unknown>) => {
      for (const name of AlarmNames as string[]) alarms.delete(name)
      return {}
    },
  })
}

const changes = () => world.aws.of('SetAlarmState').map(({ StateValue }) => StateValue)

test('each hop is told with its time, and the alarm is gone at the end', async () => {
  const { code, stdout, stderr } = await run(command, ['--yes'])
  expect(code).toBe(0)
  expect(stderr).toContain('This makes the CloudWatch alarm tocsin-test/')
  expect(stdout).toMatch(
    /^ {2}alarm changed +[\d,]+ ms {2}tocsin-test\/\S+ is in ALARM\n {2}taken in +[\d,]+ ms {2}part of INC-0001\n {2}message in Slack +[\d,]+ ms {2}https:\/\/slack\.com\/archives\/C0INCIDENTS\/p1772330401000100\n {2}together +[\d,]+ ms {2}from the alarm to the message\n {2}recovery taken in +[\d,]+ ms {2}INC-0001 resolves by itself when it stays quiet\n {2}The alarm tocsin-test\/\S+ is deleted\.\n$/,
  )
  expect(changes()).toEqual(['ALARM', 'OK'])
  const [made] = world.aws.of('PutMetricAlarm')
  expect(made).toMatchObject({
    AlarmActions: [],
    TreatMissingData: 'ignore',
    AlarmName: expect.stringMatching(/^tocsin-test\//),
  })
  expect(world.aws.of('DeleteAlarms')).toEqual([{ AlarmNames: [made!['AlarmName']] }])
})

test('--via sns gives the alarm the topic as its action', async () => {
  expect((await run(command, ['--yes', '--via', 'sns'])).code).toBe(0)
  const topic = `arn:aws:sns:${REGION}:${ACCOUNT}:Tocsin-Alarms`
  expect(world.aws.of('PutMetricAlarm')[0]).toMatchObject({ AlarmActions: [topic], OKActions: [topic] })
})

describe('what does not happen is told with what to look at', () => {
  test('nothing takes it in', async () => {
    cloudWatch(undefined, async () => undefined)
    await world.send('intake', 'stuck')
    const { code, stdout } = await run(command, ['--yes', '--timeout', '0.3'])
    expect(code).toBe(1)
    expect(stdout).toContain('taken in: this did not happen in time.')
    expect(stdout).toContain('→ 1 wait in the intake queue: the logs of the Intake function say why')
    expect(stdout).toContain('is deleted.')
    expect(changes()).toEqual(['ALARM', 'OK'])
  })

  test('nobody tells Slack', async () => {
    cloudWatch(deploymentOf(world), async () => undefined)
    await world.send('notices-dead.fifo', '{}', { MessageGroupId: 'slack', MessageDeduplicationId: 'x' })
    const { code, stdout } = await run(command, ['--yes', '--timeout', '0.3'])
    expect(code).toBe(1)
    expect(stdout).toContain('part of INC-0001')
    expect(stdout).toContain('message in Slack: this did not happen in time.')
    expect(stdout).toContain('npx tocsin doctor checks the token')
    expect(stdout).toContain('1 dead letters of notices')
    expect(stdout).toContain('is deleted.')
  })
})

test('what the config holds back is waited for', async () => {
  const pipeline = deploymentOf(world, { holdSeconds: 2 })
  cloudWatch(pipeline, async () => undefined)
  const running = run(command, ['--yes', '--timeout', '1'])
  await new Promise((done) => setTimeout(done, 2300))
  await pipeline.wake()
  await pipeline.tell('C0INCIDENTS/1772330401.000100')
  expect((await running).code).toBe(0)
})

describe('to one team', () => {
  const TEAMS = { pay: { title: 'Payments', channel: '#pay', escalation: [{ afterSeconds: 1, notify: ['U0PAUL'] }] } }
  let dir: Folder
  beforeAll(async () => {
    dir = await folder()
    await dir.write('c.json', {
      slack: { channel: 'incidents' },
      services: {},
      teams: { ...TEAMS, mute: { channel: '#m' } },
    })
  })
  afterAll(() => dir.remove())
  const alarmed = (...args: string[]) => run(command, ['--config', `${dir.path}/c.json`, '--yes', ...args])
  const incident = async () => Object.values((await readBoard(world.table)).incidents)[0]!

  test('lives in its channel, is marked, and calls nobody', async () => {
    const pipeline = deploymentOf(world, {}, TEAMS)
    cloudWatch(pipeline, async () => pipeline.tell('C0PAY/1772330401.000100'))
    const { code, stdout, stderr } = await alarmed('--team', 'pay')
    expect(stderr).toContain('People in #pay see it as a minor incident, marked TEST. Nobody is called.')
    expect(stdout).toContain('https://slack.com/archives/C0PAY/p1772330401000100\n')
    expect(code).toBe(0)
    await new Promise((done) => setTimeout(done, 1100))
    await pipeline.wake()
    expect(await incident()).toMatchObject({ team: 'pay', places: ['#pay'], escalated: 0 })
  })

  test('--call calls who is first, when that is due', async () => {
    const pipeline = deploymentOf(world, {}, TEAMS)
    cloudWatch(pipeline, async () => pipeline.tell('C0PAY/1772330401.000100'))
    const waking = setInterval(() => void pipeline.wake().then(() => pipeline.tell('C0PAY/1772330401.000100')), 500)
    const { code, stdout, stderr } = await alarmed('--team', 'pay', '--call')
    clearInterval(waking)
    expect(stderr).toContain('@U0PAUL will be called, after 1 s.')
    expect(stdout).toMatch(/somebody called +[\d,]+ ms +@U0PAUL, in the thread/)
    expect(code).toBe(0)
    expect(await incident()).toMatchObject({ escalated: 1 })
  })

  test('of which the deployed config does not know says so', async () => {
    const { code, stdout } = await alarmed('--team', 'pay')
    expect(stdout).toMatch(/not where pay is: deploy the config\s+that has it/)
    expect(code).toBe(0)
  })

  test.each([
    [['--team', 'pya'], 'the config has no team "pya"; did you mean "pay"?'],
    [['--team', 'mute', '--call'], 'there is nobody to call: the config has no `escalation` that fits'],
  ])('%j makes nothing', async (args, words) => {
    const { code, stderr } = await alarmed(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(words)
    expect(world.aws.of('PutMetricAlarm')).toEqual([])
  })
})

test('Ctrl-C stops it, and the alarm is deleted all the same', async () => {
  cloudWatch(undefined, async () => undefined)
  const dir = await folder(world.environment)
  const { code, stdout } = await dir.runWith({ until: 'alarm changed' }, 'test-alarm', '--yes')
  await dir.remove()
  expect(code).toBe(130)
  expect(stdout).toContain('is deleted.')
  expect(changes()).toEqual(['ALARM', 'OK'])
  expect(world.aws.of('DeleteAlarms')).toHaveLength(1)
})

test('an alarm that cannot be deleted is told with the command that does it', async () => {
  world.aws.answers['DeleteAlarms'] = new Refusal('AccessDeniedException', 'ana may not cloudwatch:DeleteAlarms', 403)
  const { code, stderr } = await run(command, ['--yes'])
  expect(code).toBe(0)
  expect(stderr).toMatch(/could not be deleted .*\n {2}aws cloudwatch delete-alarms --alarm-names tocsin-test\//)
})

test('without a yes and without a terminal nothing is made', async () => {
  const { code, stderr } = await run(command, [])
  expect(code).toBe(2)
  expect(stderr).toContain('nothing was changed: there is no terminal to ask in; add --yes to agree')
  expect(world.aws.of('PutMetricAlarm')).toEqual([])
})

test.each([
  [['--via', 'mail'], '--via "mail" is not known; write eventbridge or sns'],
  [['--timeout', 'soon'], '--timeout must be a number of seconds'],
])('%j is a mistake', async (args, words) => {
  expect((await run(command, args)).stderr).toContain(words)
})
