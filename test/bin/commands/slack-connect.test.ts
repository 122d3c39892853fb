// `tocsin slack connect`: nothing is stored before it is checked, rotation loses no click, and no secret is ever shown.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { command } from '../../../bin/commands/slack-connect.ts'
import { folder, type Folder } from '../cli.ts'
import { deployed, incidentsBut, SECRET, whoAmI, type Deployed } from '../deployed.ts'
import { live, run } from '../in-process.ts'

let world: Deployed
let dir: Folder
beforeAll(async () => {
  world = await deployed()
  live(world.environment)
  dir = await folder(world.environment)
  await dir.write('tocsin.config.json', { slack: { channel: '#incidents' }, services: {} })
})
beforeEach(async () => {
  await world.reset()
  world.aws.answers['PutSecretValue'] = ({ SecretString }) => {
    world.aws.answers['GetSecretValue'] = { SecretString }
    return {}
  }
  live({ SLACK_BOT_TOKEN: 'xoxb-good', SLACK_SIGNING_SECRET: 'brand new' })
})
afterAll(async () => {
  await world.close()
  await dir.remove()
})

const connect = (args: string[], answers?: (string | boolean)[]) =>
  run(command, ['--config', `${dir.path}/tocsin.config.json`, ...args], answers && { answers })
const stored = () =>
  world.aws.of('PutSecretValue').map(({ SecretString }) => {
    const { installation, ...secret } = JSON.parse(String(SecretString)) as Record<string, unknown>
    expect(installation).toEqual({ app: 'A0TOCSIN', team: 'T0TOCSIN' })
    return secret
  })
const nothingStored = 'f8Zr0-random text of a new stack'
const joined = () => world.slack.calls.filter(({ method }) => method === 'conversations.join')

test('a person is asked for both, sees neither, and Tocsin is in the channel', async () => {
  live({ SLACK_BOT_TOKEN: '', SLACK_SIGNING_SECRET: '' })
  world.aws.answers['GetSecretValue'] = { SecretString: nothingStored }
  world.slack.answer('conversations.list', incidentsBut({ is_member: false }))
  const { code, stdout, stderr } = await connect([], ['xoxb-typed', ' a signing secret ', true])
  expect(code).toBe(0)
  expect(stored()).toEqual([{ botToken: 'xoxb-typed', signingSecret: 'a signing secret' }])
  expect(world.slack.calls[0]).toMatchObject({ method: 'auth.test', token: 'xoxb-typed' })
  expect(joined()).toHaveLength(1)
  expect(stderr).toContain('  - stores the token and the signing secret in Secrets Manager,')
  expect(stderr).toContain('  - joins #incidents')
  expect(stdout).toBe(
    '✓ the token is valid: tocsin in Tocsin, with all scopes\n✓ stored\n✓ tocsin is in #incidents\n\nNext: npx tocsin doctor\n',
  )
  expect(stdout + stderr).not.toMatch(/xoxb-typed|a signing secret /)
})

test('a script gives them on stdin', async () => {
  const given = '{"botToken": "xoxb-piped", "signingSecret": "piped secret"}'
  const args = ['slack', 'connect', '--config', 'tocsin.config.json', '--stdin', '--yes']
  const { code, stdout, stderr } = await dir.runWith({ input: given }, ...args)
  expect({ code, said: stdout + stderr }).toMatchObject({ code: 0, said: expect.not.stringContaining('piped secret') })
  expect(stored()).toEqual([
    { botToken: 'xoxb-piped', signingSecret: 'piped secret', previousSigningSecret: SECRET.signingSecret },
  ])
})

describe('rotation', () => {
  test('the signing secret until now stays valid', async () => {
    const { stderr } = await connect(['--yes'])
    expect(stored()).toEqual([
      { botToken: 'xoxb-good', signingSecret: 'brand new', previousSigningSecret: SECRET.signingSecret },
    ])
    expect(stderr).toContain('the signing secret until now stays valid beside it')
  })

  test('a new token alone leaves the previous signing secret as it is', async () => {
    const before = { botToken: 'xoxb-old', signingSecret: 'brand new', previousSigningSecret: 'older' }
    world.aws.answers['GetSecretValue'] = { SecretString: JSON.stringify(before) }
    await connect(['--yes'])
    expect(stored()).toEqual([{ ...before, botToken: 'xoxb-good' }])
  })

  test('--forget-previous ends it', async () => {
    const before = { botToken: 'xoxb-good', signingSecret: 'brand new', previousSigningSecret: 'older' }
    world.aws.answers['GetSecretValue'] = { SecretString: JSON.stringify(before) }
    await connect(['--yes', '--forget-previous'])
    expect(stored()).toEqual([{ botToken: 'xoxb-good', signingSecret: 'brand new' }])
  })

  test('the same again stores nothing and asks nothing', async () => {
    await connect(['--yes'])
    world.aws.asked.length = 0
    const { code, stdout } = await connect([])
    expect({ code, stored: stored() }).toEqual({ code: 0, stored: [] })
    expect(stdout).toContain('already stored, nothing changed')
  })
})

describe('nothing is stored', () => {
  test.each([
    [
      'an app-level token',
      { SLACK_BOT_TOKEN: 'xapp-1' },
      /this is an app-level token: the bot token begins with xoxb-/,
    ],
    ['a user token', { SLACK_BOT_TOKEN: 'xoxp-1' }, /this is a user token/],
    ['something else', { SLACK_BOT_TOKEN: 'hello' }, /the bot token must begin with xoxb-/],
    ['a token as the signing secret', { SLACK_SIGNING_SECRET: 'xoxb-good' }, /the signing secret looks like a token/],
    ['no signing secret', { SLACK_SIGNING_SECRET: '' }, /the signing secret is missing/],
  ])('%s', async (_what, environment, words) => {
    live(environment)
    const { code, stderr } = await connect(['--yes'])
    expect({ code, stored: stored() }).toEqual({ code: 2, stored: [] })
    expect(stderr).toMatch(words)
    expect(world.slack.calls).toEqual([])
  })

  test('a token that Slack does not know', async () => {
    live({ SLACK_BOT_TOKEN: 'xoxb-of-another' })
    const { code, stderr } = await connect(['--yes'])
    expect({ code, stored: stored() }).toEqual({ code: 2, stored: [] })
    expect(stderr).toContain('the bot token is not valid: copy it again from OAuth & Permissions')
  })

  test('a token without all scopes', async () => {
    const scopes = ['chat:write', 'channels:read', 'groups:read', 'channels:join', 'channels:history']
    world.slack.answer('auth.test', whoAmI(scopes))
    const { code, stderr } = await connect(['--yes'])
    expect({ code, stored: stored() }).toEqual({ code: 2, stored: [] })
    expect(stderr).toContain(
      'the token lacks groups:history, metadata.message:read, users:read, usergroups:read; nothing was stored',
    )
  })

  test('a person who says no', async () => {
    const { code, stderr } = await connect([], [false])
    expect({ code, stored: stored(), joined: joined() }).toEqual({ code: 2, stored: [], joined: [] })
    expect(stderr).toContain('Nothing was changed.')
  })

  test('nobody to ask, and no --yes', async () => {
    expect((await connect([])).stderr).toContain('nothing was changed: there is no terminal to ask in')
    live({ SLACK_BOT_TOKEN: '', SLACK_SIGNING_SECRET: '' })
    expect((await connect(['--yes'])).stderr).toContain(
      'give the token and the signing secret with --stdin, or in SLACK_BOT_TOKEN',
    )
    expect(stored()).toEqual([])
  })
})

describe('stored, but not in the channel', () => {
  test.each([
    [
      'private',
      incidentsBut({ is_member: false, is_private: true }),
      /✗ #incidents is private\n {2}→ write \/invite @tocsin in it/,
    ],
    ['archived', incidentsBut({ is_archived: true }), /✗ #incidents is archived\n/],
    ['unknown', { body: { ok: true, channels: [] } }, /✗ tocsin sees no channel #incidents\n {2}→ is the name right\?/],
  ])('%s', async (_what, channels, words) => {
    world.slack.answer('conversations.list', channels)
    const { code, stdout } = await connect(['--yes'])
    expect({ code, stored: stored().length, joined: joined() }).toEqual({ code: 1, stored: 1, joined: [] })
    expect(stdout).toMatch(words)
  })
})

test('a channel on a later page is found, and one by its id is asked for directly', async () => {
  world.slack.answer('conversations.list', {
    body: { ok: true, channels: [], response_metadata: { next_cursor: Buffer.from('next:0').toString('base64') } },
  })
  expect((await connect(['--yes'])).code).toBe(0)
  expect((await connect(['--yes', '--channel', 'C0INCIDENTS'])).code).toBe(0)
})

describe('with teams', () => {
  const asked = async (more: object) => {
    await dir.write('teams.json', {
      slack: { channel: '#incidents' },
      services: {},
      teams: { pay: { channel: '#pay' }, data: { channel: '#data' }, shop: { channel: '#pay' } },
    })
    const all = ['incidents', 'pay', 'data'].map((name) => ({ id: `C0${name.toUpperCase()}`, name, is_member: false }))
    const channels = all.map((channel) => ({ ...channel, ...(channel.name === 'data' && more) }))
    world.slack.answer('conversations.list', { body: { ok: true, channels } })
    for (const { id } of all) world.slack.answer('conversations.join', { body: { ok: true, channel: { id } } })
    return run(command, ['--config', `${dir.path}/teams.json`, '--yes'])
  }

  test('it joins every channel, each once', async () => {
    const { code, stdout } = await asked({})
    expect(stdout).toContain('✓ tocsin is in #incidents\n✓ tocsin is in #pay\n✓ tocsin is in #data\n\nNext:')
    expect(joined().map(({ args }) => args['channel'])).toEqual(['C0INCIDENTS', 'C0PAY', 'C0DATA'])
    expect(code).toBe(0)
  })

  test('one that it cannot enter does not keep it from the others', async () => {
    const { code, stdout } = await asked({ is_private: true })
    expect(stdout).toContain('✓ tocsin is in #pay\n✗ #data is private\n')
    expect(stdout).not.toContain('Next:')
    expect(code).toBe(1)
  })
})
