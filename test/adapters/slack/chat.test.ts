// Slack's Web API as it answers: what is sent, what its errors mean, and how a message is found again.
import { slackChat, type SlackChat } from '../../../lambda/adapters/slack/chat.ts'
import type { Log } from '../../../lambda/ports/runtime.ts'
import type { Message } from '../../../lambda/ports/slack.ts'
import { fakeSlack, type FakeSlack, type Reply } from './fake-slack.ts'
import { containing } from '../../core/matchers.ts'

let slack: FakeSlack
beforeEach(async () => {
  slack = await fakeSlack()
})
afterEach(() => slack.close())

interface Line {
  level: string
  facts: Record<string, unknown> | undefined
  counts: object | undefined
}
let lines: Line[]
const log: Log = (level, _message, facts, counts) => void lines.push({ level, facts, counts })
beforeEach(() => {
  lines = []
})

const chatIn = (channel = 'C0123456', token = 'xoxb-1'): SlackChat =>
  slackChat({ channel, token: async () => token, apiUrl: slack.url, log })

const MESSAGE: Message = {
  text: 'Disk <low> 🔴',
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*Disk*' } }],
}
const sent: Reply = { body: { ok: true, channel: 'C0123456', ts: '1714660750.000100' } }
const refused = (error: string): Reply => ({ body: { ok: false, error } })
const formOf = (place: number): Record<string, string> => slack.calls[place]!.form

describe('what is sent', () => {
  test('a message, with its blocks, its mark and the token', async () => {
    slack.answers['chat.postMessage'] = [sent]
    expect(await chatIn().post(MESSAGE, 'INC-0001')).toEqual({ is: 'sent', ts: 'C0123456/1714660750.000100' })
    expect(slack.calls[0]!.token).toBe('Bearer xoxb-1')
    expect(formOf(0)).toMatchObject({ channel: 'C0123456', text: MESSAGE.text, unfurl_links: 'false' })
    expect(JSON.parse(formOf(0)['blocks']!)).toEqual(MESSAGE.blocks)
    expect(JSON.parse(formOf(0)['metadata']!)).toEqual({
      event_type: 'tocsin_message',
      event_payload: { tag: 'INC-0001' },
    })
  })

  test('a message to a channel that is known by its name is known by its id from then on', async () => {
    slack.answers['chat.postMessage'] = [sent]
    expect(await chatIn('#incidents').post(MESSAGE, 'INC-0001')).toEqual({
      is: 'sent',
      ts: 'C0123456/1714660750.000100',
    })
    expect(formOf(0)['channel']).toBe('#incidents')
  })

  test('a reply, in the thread and channel of its message, whatever the config says now', async () => {
    slack.answers['chat.postMessage'] = [sent]
    await chatIn('C0OTHER99').post({ text: 'joined' }, 'INC-0001/3', 'C0123456/1714660750.000100')
    expect(formOf(0)).toMatchObject({ channel: 'C0123456', thread_ts: '1714660750.000100', text: 'joined' })
    expect(formOf(0)).not.toHaveProperty('blocks')
  })

  test('an edit, of the message where it is', async () => {
    slack.answers['chat.update'] = [sent]
    expect(await chatIn('C0OTHER99').update('C0123456/1714660750.000100', MESSAGE)).toEqual({
      is: 'sent',
      ts: 'C0123456/1714660750.000100',
    })
    expect(formOf(0)).toMatchObject({ channel: 'C0123456', ts: '1714660750.000100', text: MESSAGE.text })
  })

  test('with the token that is valid now', async () => {
    slack.answers['chat.postMessage'] = [sent]
    const tokens = ['xoxb-old', 'xoxb-old', 'xoxb-new']
    const chat = slackChat({ channel: 'C0123456', token: async () => tokens.shift()!, apiUrl: slack.url })
    for (let i = 0; i < 3; i++) await chat.post(MESSAGE, 'INC-0001')
    expect(slack.calls.map(({ token }) => token)).toEqual(['Bearer xoxb-old', 'Bearer xoxb-old', 'Bearer xoxb-new'])
  })
})

describe('an answer of Slack', () => {
  test.each<[string, Reply, unknown]>([
    [
      '429 asks to wait',
      { status: 429, headers: { 'retry-after': '7' }, body: { ok: false, error: 'ratelimited' } },
      { is: 'retry', afterSeconds: 7 },
    ],
    ['ratelimited asks to wait', refused('ratelimited'), { is: 'retry', afterSeconds: 1 }],
    ['message_not_found: it is gone', refused('message_not_found'), { is: 'gone' }],
    ['cant_update_message: it is gone', refused('cant_update_message'), { is: 'gone' }],
    ['edit_window_closed: it is gone', refused('edit_window_closed'), { is: 'gone' }],
    [
      'channel_not_found says what to do',
      refused('channel_not_found'),
      { is: 'fail', reason: containing('check slack.channel in the config') },
    ],
    ['not_in_channel says what to do', refused('not_in_channel'), { is: 'fail', reason: containing('/invite') }],
    ['invalid_auth says what to do', refused('invalid_auth'), { is: 'fail', reason: containing('store a new one') }],
    [
      'missing_scope says what to do',
      refused('missing_scope'),
      { is: 'fail', reason: containing('install the app again') },
    ],
    ['another error is told as it is', refused('msg_too_long'), { is: 'fail', reason: 'msg_too_long' }],
  ])('%s', async (_, reply, meaning) => {
    slack.answers = { 'chat.postMessage': [reply], 'chat.update': [reply] }
    expect(await chatIn().post(MESSAGE, 'INC-0001')).toEqual(meaning)
    expect(await chatIn().update('C0123456/1714660750.000100', MESSAGE)).toEqual(meaning)
    expect(slack.calls).toHaveLength(2)
  })

  test.each<[string, Reply]>([
    ['internal_error', refused('internal_error')],
    ['fatal_error', refused('fatal_error')],
    ['500', { status: 500, body: 'oops' }],
    ['503', { status: 503, body: {} }],
    ['what is no JSON', { body: '<html>' }],
  ])('%s is thrown: another try may help', async (_, reply) => {
    slack.answers['chat.postMessage'] = [reply]
    await expect(chatIn().post(MESSAGE, 'INC-0001')).rejects.toThrow()
    expect(slack.calls).toHaveLength(1)
  })

  test('none, because the network is down, is thrown', async () => {
    const chat = chatIn()
    await slack.close()
    await expect(chat.post(MESSAGE, 'INC-0001')).rejects.toThrow()
    await expect(chat.find('INC-0001', 0)).rejects.toThrow()
  })
})

describe('blocks that Slack refuses', () => {
  test.each(['invalid_blocks', 'msg_blocks_too_long'])(
    '%s: the message goes out as text, and the log says so',
    async (name) => {
      slack.answers['chat.postMessage'] = [refused(name), sent]
      expect(await chatIn().post(MESSAGE, 'INC-0001')).toEqual({ is: 'sent', ts: 'C0123456/1714660750.000100' })
      expect(formOf(1)).toMatchObject({ text: MESSAGE.text, channel: 'C0123456', metadata: formOf(0)['metadata'] })
      expect(formOf(1)).not.toHaveProperty('blocks')
      expect(lines).toMatchObject([{ level: 'error', facts: { error: name }, counts: { SlackRefusals: 1 } }])
    },
  )

  test('an edit goes out as text as well', async () => {
    slack.answers['chat.update'] = [refused('invalid_blocks'), sent]
    expect(await chatIn().update('C0123456/1.2', MESSAGE)).toMatchObject({ is: 'sent' })
    expect(formOf(1)).toMatchObject({ text: MESSAGE.text, ts: '1.2' })
  })

  test('a text that is refused too fails, and is not sent for ever', async () => {
    slack.answers['chat.postMessage'] = [refused('invalid_blocks')]
    expect(await chatIn().post(MESSAGE, 'INC-0001')).toEqual({ is: 'fail', reason: 'invalid_blocks' })
    expect(slack.calls).toHaveLength(2)
  })
})

describe('a probe', () => {
  test('says nothing where Slack would take a message, and sends none', async () => {
    slack.answers['auth.test'] = [{ body: { ok: true } }]
    expect(await chatIn().probe()).toBeUndefined()
    expect(slack.calls.map(({ method }) => method)).toEqual(['auth.test'])
  })

  test.each<[string, Reply, RegExp]>([
    ['a token that is not valid', refused('invalid_auth'), /the bot token is not valid: store a new one/],
    ['too many calls', { status: 429, headers: { 'retry-after': '30' }, body: {} }, /asks to wait 30 seconds/],
    ['a Slack that is down', { status: 503, body: {} }, /503/],
  ])('of %s says so', async (_, reply, words) => {
    slack.answers['auth.test'] = [reply]
    expect(await chatIn().probe()).toMatch(words)
  })

  test('without a secret says that Slack is not connected yet', async () => {
    const chat = slackChat({
      channel: 'C0123456',
      token: async () => {
        throw new Error('Slack is not connected yet: run npx tocsin slack connect')
      },
    })
    expect(await chat.probe()).toMatch(/not connected yet/)
  })
})
