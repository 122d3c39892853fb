// `tocsin test-alarm`: follows an alarm hop by hop, says where it stopped, and always cleans up.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { command } from '../../../bin/commands/test-alarm.ts'
import type { Incident } from '../../../lambda/core/incident/incident.ts'
import { readBoard } from '../../../lambda/store/board.ts'
import { ACCOUNT, deployed, REGION, type Deployed } from '../deployed.ts'
import { folder } from '../cli.ts'
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
  await raise()
  await pipeline.tell('C0INCIDENTS/1772330401.000100')
  expect((await running).code).toBe(0)
})

/** The timer looks again when the hold is over. */
async function raise(): Promise<void> {
  const { incidents } = await readBoard(world.table)
  const [{ id }] = Object.values(incidents) as [Incident]
  const item = (await world.table.get({ pk: `INCIDENT#${id}`, sk: 'INCIDENT' }))!
  expect(item.body).toContain('"status":"held"')
  await world.table.replace({ ...item, body: item.body.replace('"status":"held"', '"status":"open"') }, item.rev)
}

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
