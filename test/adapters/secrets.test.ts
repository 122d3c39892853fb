// No secret leaks through a log or an error: Lambda logs whatever nobody caught, with every field.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { inspect } from 'node:util'
import { slackDialogs } from '../../lambda/adapters/slack/dialogs.ts'
import { slackPeople } from '../../lambda/adapters/slack/people.ts'
import { AwsError, type AwsCall } from '../../lambda/adapters/aws.ts'
import { slackSecret } from '../../lambda/adapters/secrets.ts'
import { slackChat } from '../../lambda/adapters/slack/chat.ts'
import type { Reply } from '../../local/slack/index.ts'
import { serveSlack, type ServedSlack } from '../support/slack.ts'

const TOKEN = 'xoxb-1234-very-secret'
const SIGNING = 'a-signing-secret-nobody-may-see'

const written: string[] = []
const STREAMS = [process.stdout, process.stderr]
const write = STREAMS.map((stream) => stream.write.bind(stream))
const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const
const methods = METHODS.map((name) => console[name])

let slack: ServedSlack
beforeEach(async () => {
  slack = await serveSlack({ token: TOKEN, channels: [{ id: 'C0123456', name: 'incidents' }] })
  written.length = 0
  const keep = (...parts: unknown[]): boolean => written.push(parts.map((part) => inspect(part)).join(' ')) > 0
  for (const stream of STREAMS) stream.write = keep
  for (const name of METHODS) console[name] = keep
})
afterEach(async () => {
  STREAMS.forEach((stream, place) => (stream.write = write[place]!))
  METHODS.forEach((name, place) => (console[name] = methods[place]!))
  await slack.close()
})

/** What Lambda's runtime logs of an uncaught error: message, stack and every field, as deep as they go. */
const asLogged = (error: unknown): string =>
  `${inspect(error, { depth: Infinity, showHidden: true })} ${JSON.stringify(error, Object.getOwnPropertyNames(error))}`

async function everythingSaid(call: () => Promise<unknown>): Promise<string> {
  const said = await call().then(
    (answer) => inspect(answer, { depth: Infinity }),
    (error: unknown) => asLogged(error),
  )
  return [said, ...written].join('\n')
}

const echo = `a proxy on the way answers: you sent Authorization: Bearer ${TOKEN}`
const REPLIES: [string, Reply][] = [
  ['an error page that quotes the request', { status: 502, body: echo }],
  ['an error page in JSON', { status: 500, body: { request: { headers: { authorization: `Bearer ${TOKEN}` } } } }],
  ['a header that quotes it', { status: 500, body: 'no', headers: { 'x-request': echo } }],
  ['a refusal that quotes it', { body: { ok: false, error: 'invalid_auth', needed: echo, token: TOKEN } }],
  [
    'a refusal of blocks that quotes it',
    { body: { ok: false, error: 'invalid_blocks', response_metadata: { messages: [echo] } } },
  ],
  ['too many calls', { status: 429, headers: { 'retry-after': '1' }, body: echo }],
  ['what is no JSON', { body: echo }],
]

const token = async () => TOKEN
const HERE = { channel: 'C0123456' }
const log = (...said: unknown[]): void => void written.push(inspect(said, { depth: Infinity }))

describe.each(REPLIES)('the token, after %s', (_, reply) => {
  test.each<[string, () => Promise<unknown>]>([
    [
      'chat.postMessage',
      () => slackChat({ token, apiUrl: slack.apiUrl, log }).post(HERE, { text: 'x', blocks: [] }, 'INC-0001'),
    ],
    ['conversations.history', () => slackChat({ token, apiUrl: slack.apiUrl, log }).find(HERE, 'INC-0001', 0)],
    ['auth.test', () => slackChat({ token, apiUrl: slack.apiUrl, log }).probe([])],
    ['views.open', () => slackDialogs(token, slack.apiUrl).open('trigger', {})],
    ['usergroups.users.list', () => slackPeople(token, slack.apiUrl).isIn('S0GROUP', 'U0ANA')],
    ['users.info', () => slackPeople(token, slack.apiUrl).isFullMember('U0ANA')],
  ])('of %s is neither logged nor thrown', async (method, call) => {
    // Also when it retries.
    slack.answer(method, reply, reply)
    const said = await everythingSaid(call)
    expect(slack.calls.map(({ method }) => method)).toContain(method)
    expect(slack.calls[0]!.token).toBe(TOKEN)
    expect(said).not.toContain(TOKEN)
  })
})

test('a token that is no valid header is not quoted', async () => {
  const broken = `${TOKEN}\nand more`
  const chat = slackChat({ token: async () => broken, apiUrl: slack.apiUrl, log })
  const said = await everythingSaid(() => chat.post(HERE, { text: 'x' }, 'INC-0001'))
  expect(slack.calls).toHaveLength(0)
  expect(said).toContain('[token]')
  expect(said).not.toContain(TOKEN)
})

const stored =
  (SecretString: unknown): AwsCall =>
  async () => ({ SecretString })

describe('the secret', () => {
  test.each<[string, unknown]>([
    ['the bare token', TOKEN],
    ['JSON that is cut off', `{"botToken":"${TOKEN}","signingSecret":"${SIGNING}`],
    ['JSON without a token', JSON.stringify({ signingSecret: SIGNING })],
    ['JSON with an empty one', JSON.stringify({ botToken: ' ', signingSecret: SIGNING })],
    ['other JSON', JSON.stringify([TOKEN, SIGNING])],
    ['nothing', undefined],
    ['null', 'null'],
  ])('with %s in it says what to do, and nothing of what is in it', async (_, text) => {
    const said = await everythingSaid(slackSecret('tocsin/slack', stored(text)))
    expect(said).toContain('run npx tocsin slack connect')
    expect(said).not.toMatch(new RegExp(`xoxb|${SIGNING.slice(0, 8)}`))
  })

  test('that has no value yet says that Slack is not connected yet', async () => {
    const call: AwsCall = async () => {
      throw new AwsError('secretsmanager', 'ResourceNotFoundException', "can't find the specified secret value")
    }
    await expect(slackSecret('tocsin/slack', call)()).rejects.toThrow('Slack is not connected yet')
  })

  test('that may not be read is another matter', async () => {
    const call: AwsCall = async () => {
      throw new AwsError('secretsmanager', 'AccessDeniedException', 'not authorized')
    }
    await expect(slackSecret('tocsin/slack', call)()).rejects.toThrow('AccessDenied')
  })

  test('is trimmed: tokens are pasted with the end of their line', async () => {
    const text = JSON.stringify({ botToken: ` ${TOKEN}\n`, signingSecret: `${SIGNING}\r\n` })
    expect(await slackSecret('tocsin/slack', stored(text))()).toEqual({ botToken: TOKEN, signingSecret: SIGNING })
  })

  test('holds two signing secrets while one rotates', async () => {
    const secret = { botToken: TOKEN, signingSecret: SIGNING, previousSigningSecret: 'the one before' }
    expect(await slackSecret('tocsin/slack', stored(JSON.stringify(secret)))()).toEqual(secret)
  })
})
