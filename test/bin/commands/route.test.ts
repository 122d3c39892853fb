// `tocsin route`: who would be told of an alarm, where, and why.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { command } from '../../../bin/commands/route.ts'
import { folder, type Folder } from '../cli.ts'
import { run } from '../in-process.ts'

let here: Folder
beforeAll(async () => {
  here = await folder()
  await here.write('tocsin.config.json', {
    slack: { channel: '#ops', approvers: ['U0OPS'] },
    timeZone: 'Europe/Zurich',
    services: {
      db: { title: 'Ledger database', team: 'data', alarms: [{ dimensions: { DB: 'ledger*' } }, { name: 'ledger-*' }] },
      api: { team: 'pay', dependsOn: ['db'] },
      mail: {},
    },
    teams: {
      data: {
        title: 'Data',
        channel: '#data',
        escalation: [
          { afterSeconds: 300, notify: ['U0DORA'] },
          { afterSeconds: 900, notify: ['S0LEADS'] },
        ],
      },
      pay: { channel: '#pay', approvers: ['U0PAUL'] },
    },
  })
})
afterAll(() => here.remove())

const route = (...args: string[]) => run(command, ['--config', `${here.path}/tocsin.config.json`, ...args])
const told = async (...args: string[]) => JSON.parse((await route('--json', ...args)).stdout) as Record<string, unknown>

test('says it for people', async () => {
  const { code, stdout } = await route('--alarm', 'ledger-disk', '--at', '2026-03-01T12:00:00Z')
  expect(code).toBe(0)
  expect(stdout).toBe(`
ledger-disk
  service    Ledger database (db): its matcher fits, alarms[1]:
             {"name":"ledger-*"}
  team       Data, which owns it
  told in    #data
  called     @U0DORA at 13:05 CET (after 5 min), then @S0LEADS at 13:15 CET
             (after 15 min); not once somebody has acknowledged it
  hand-over  @U0DORA, when a runbook cannot go on
  approves   @U0OPS (slack.approvers)

`)
})

test('and for programs', async () => {
  expect(await told('--alarm', 'slow', '--dimension', 'DB=ledger1', '--at', '2026-03-01T12:00:00Z')).toEqual({
    alarm: 'slow',
    ignored: null,
    service: 'db',
    title: 'Ledger database',
    why: 'its matcher fits, alarms[0]: {"dimensions":{"DB":"ledger*"}}',
    team: 'data',
    channel: '#data',
    calls: [
      { at: '2026-03-01T12:05:00.000Z', afterSeconds: 300, who: ['U0DORA'] },
      { at: '2026-03-01T12:15:00.000Z', afterSeconds: 900, who: ['S0LEADS'] },
    ],
    approvers: ['U0OPS'],
  })
})

test.each<[string, string[], object]>([
  ['an id in the name', ['x/api/y'], { service: 'api', team: 'pay', channel: '#pay', approvers: ['U0PAUL'] }],
  ['an id in a dimension', ['x', '--dimension', 'Service=mail'], { service: 'mail', team: null, channel: '#ops' }],
  ['nothing', ['odd'], { service: 'odd', team: null, channel: '#ops', why: expect.stringContaining('one of its own') }],
  ['an alarm that Tocsin made', ['tocsin/db/rds:x/disk-free-bytes'], { service: 'db', team: 'data' }],
  ['a test alarm', ['tocsin-test/1/team/pay'], { team: 'pay', channel: '#pay', title: 'TEST for pay', calls: [] }],
  ['its own alarm', ['Tocsin itself: heartbeat'], { ignored: 'it is about Tocsin itself, and goes by e-mail' }],
])('finds the way by %s', async (_, [name, ...args], expected) => {
  expect(await told('--alarm', name!, ...args)).toMatchObject(expected)
})

test('an alarm of another account belongs to no service by its name, unless the config names the account', async () => {
  const mail = ['--alarm', 'mail', '--account', '222233334444'] as const
  expect(await told(...mail)).toMatchObject({ service: 'mail' })
  expect(await told(...mail, '--home', '222233334444')).toMatchObject({ service: 'mail' })
  const stranger = await told(...mail, '--home', '111122223333')
  expect(stranger).toMatchObject({ service: '222233334444/mail' })
  expect(stranger.why).toContain('222233334444 is not one of accounts')
})

describe('what is wrong is said', () => {
  test.each([
    [[], 'which alarm? Give --alarm NAME'],
    [['--alarm', 'x', '--dimension', 'y'], '--dimension "y" has no value; write it like QueueName=orders'],
    [['--alarm', 'x', '--at', 'noon'], '--at "noon" is no time; write it like 2024-05-02T14:45:00Z'],
    [['--alarm', 'x', '--home', 'prod'], '--home "prod" is no account; write its id, 12 digits'],
  ])('%j', async (args, words) => {
    const { code, stderr } = await route(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(words)
  })
})
