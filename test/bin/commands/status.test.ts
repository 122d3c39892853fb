// `tocsin status`: what a person who has just been woken needs to see, in 80 columns.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { command } from '../../../bin/commands/status.ts'
import { deployed, NO_STACK, type Deployed } from '../deployed.ts'
import { folder, type Folder } from '../cli.ts'
import { live, run } from '../in-process.ts'
import { deploymentOf, type Deployment } from '../pipeline.ts'

let world: Deployed
let pipeline: Deployment
let dir: Folder
beforeAll(async () => {
  world = await deployed()
  live(world.environment)
  dir = await folder()
  pipeline = deploymentOf(world)
})
beforeEach(() => world.reset())
afterAll(async () => {
  await world.close()
  await dir.remove()
})

const CONFIG = {
  slack: { channel: '#incidents' },
  services: { shop: { title: 'The shop', alarms: [{ name: 'shop/*' }] } },
}
const config = async (): Promise<string> => dir.write('tocsin.config.json', CONFIG)

test('nothing is open', async () => {
  const { code, stdout } = await run(command, ['--config', await config()])
  expect(code).toBe(0)
  expect(stdout).toBe(
    '\nNothing is open.\n\nQueues: intake 0, notices 0; no dead letters\n\nIgnored: alarms that Auto Scaling makes to scale by (ignoreTargetTracking: false\nin the config takes them in).\n\n',
  )
})

test('an open incident: how bad, since when, why, who is on it, where its message is', async () => {
  await pipeline.alarm('shop/5xx errors', 'ALARM')
  await pipeline.tell('C0INCIDENTS/1772330401.000100')
  await world.send('intake-dead', 'x')
  const { stdout } = await run(command, ['--config', await config()])
  expect(stdout).toMatch(/^\n1 incident open\n\nMAJOR {2}INC-0001 {2}The shop: failing\n/)
  expect(stdout).toMatch(/ {2}since {5}\d{4}-\d\d-\d\d \d\d:\d\d UTC, \d+ s ago\n/)
  expect(stdout).toMatch(/ {2}status {4}open, nobody has acknowledged it for \d+ s\n/)
  expect(stdout).toContain('  cause     The shop (100 %)')
  expect(stdout).toContain('  message   https://slack.com/archives/C0INCIDENTS/p1772330401000100\n')
  expect(stdout).toContain('Queues: intake 0, notices 0; 1 dead letter: npx tocsin redrive')
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

test('who acknowledged it is told', async () => {
  await pipeline.alarm('shop/5xx errors', 'ALARM')
  await pipeline.acknowledge('Ana')
  const { stdout } = await run(command, ['--config', await config()])
  expect(stdout).toMatch(/status {4}acknowledged by Ana at \d{4}-\d\d-\d\d \d\d:\d\d UTC\n/)
  expect(stdout).toContain('message   not in Slack yet')
})

test('the names in an alarm cannot steer the terminal', async () => {
  await pipeline.alarm('evil \u001b[31m\u202eeman', 'ALARM')
  const { stdout } = await run(command, [])
  expect(stdout).toContain('evil ')
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
})

test('--json is for programs', async () => {
  await pipeline.alarm('shop/5xx errors', 'ALARM')
  const { stdout } = await run(command, ['--json', '--config', await config()])
  expect(JSON.parse(stdout)).toEqual({
    incidents: [
      {
        id: 'INC-0001',
        title: 'The shop: failing',
        status: 'open',
        severity: 'major',
        openedAt: expect.stringMatching(/^\d{4}-/),
        acknowledgedBy: null,
        snoozedUntil: null,
        firing: 1,
        services: ['shop'],
        team: null,
        causes: [{ service: 'shop', score: 1, evidence: expect.any(Array) }],
        link: null,
      },
    ],
    unreadable: null,
    ignores: expect.stringMatching(/^Ignored: alarms that Auto Scaling makes/),
    queues: {
      intake: { waiting: 0, inFlight: 0 },
      intakeDeadLetters: { waiting: 0, inFlight: 0 },
      notices: { waiting: 0, inFlight: 0 },
      noticesDeadLetters: { waiting: 0, inFlight: 0 },
    },
  })
})

test('a config that is named must be there; a stack too', async () => {
  expect((await run(command, ['--config', 'nowhere.json'])).stderr).toContain('there is no file nowhere.json')
  world.aws.answers['DescribeStacks'] = NO_STACK
  const { code, stderr } = await run(command, ['--stack', 'Other'])
  expect(code).toBe(2)
  expect(stderr).toContain('the stack Other is not deployed in this account and region: run npx cdk deploy')
})
