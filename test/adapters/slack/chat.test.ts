// Slack's Web API: what is sent, what its errors mean, and how a message is found again.
import { slackChat, type SlackChat } from '../../../lambda/adapters/slack/chat.ts'
import type { Log } from '../../../lambda/ports/runtime.ts'
import type { Message } from '../../../lambda/ports/slack.ts'
import { Refused } from '../../../lambda/ports/tools.ts'
import type { Reply } from '../../../local/slack/index.ts'
import { serveSlack, type ServedSlack } from '../../support/slack.ts'
import { containing } from '../../core/matchers.ts'

const CHANNEL = 'C0123456'
const TOKENS = ['xoxb-1', 'xoxb-old', 'xoxb-new']

let slack: ServedSlack
beforeEach(async () => {
  slack = await serveSlack({ token: TOKENS, channels: [{ id: CHANNEL, name: 'incidents' }] })
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

const chatOf = (token = 'xoxb-1'): SlackChat => slackChat({ token: async () => token, apiUrl: slack.apiUrl, log })
const HERE = { channel: CHANNEL }

const MESSAGE: Message = {
  text: 'Disk <low> 🔴',
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*Disk*' } }],
}
const LOST = { is: 'lost', reason: expect.any(String) as string }
const refused = (error: string): Reply => ({ body: { ok: false, error } })
const argsOf = (place: number): Record<string, unknown> => slack.calls[place]!.args
/** How Tocsin knows the message that was sent last. */
const newest = (): string => `${CHANNEL}/${slack.snapshot().messages.at(-1)!.ts}`
/** A message that is there already. */
async function posted(): Promise<string> {
  await chatOf().post(HERE, MESSAGE, 'INC-0001')
  slack.calls.length = 0
  return newest()
}

describe('what is sent', () => {
  test('a message, with its blocks, its mark and the token', async () => {
    expect(await chatOf().post(HERE, MESSAGE, 'INC-0001')).toEqual({ is: 'sent', ref: newest() })
    expect(slack.calls[0]!.token).toBe('xoxb-1')
    expect(argsOf(0)).toMatchObject({ channel: CHANNEL, text: MESSAGE.text, unfurl_links: false })
    expect(argsOf(0)['blocks']).toEqual(MESSAGE.blocks)
    expect(argsOf(0)['metadata']).toEqual({
      event_type: 'tocsin_message',
      event_payload: { tag: 'INC-0001' },
    })
  })

  test('a message to a channel that is known by its name is known by its id from then on', async () => {
    expect(await chatOf().post({ channel: '#incidents' }, MESSAGE, 'INC-0001')).toEqual({ is: 'sent', ref: newest() })
    expect(argsOf(0)['channel']).toBe('#incidents')
  })

  test('a reply, in the thread and channel of its message', async () => {
    const ref = await posted()
    await chatOf().post({ thread: ref }, { text: 'joined' }, 'INC-0001/3')
    expect(`${CHANNEL}/${slack.snapshot().messages.at(-1)!.thread_ts}`).toBe(ref)
    expect(argsOf(0)).toMatchObject({ channel: CHANNEL, thread_ts: ref.split('/')[1], text: 'joined' })
    expect(argsOf(0)).not.toHaveProperty('blocks')
  })

  test('an edit, of the message where it is', async () => {
    const ref = await posted()
    expect(await chatOf().update(ref, MESSAGE)).toEqual({ is: 'sent', ref: ref })
    expect(argsOf(0)).toMatchObject({ channel: CHANNEL, ts: ref.split('/')[1], text: MESSAGE.text })
  })

  test('with the token that is valid now', async () => {
    const tokens = ['xoxb-old', 'xoxb-old', 'xoxb-new']
    const chat = slackChat({ token: async () => tokens.shift()!, apiUrl: slack.apiUrl })
    for (let i = 0; i < 3; i++) await chat.post(HERE, MESSAGE, 'INC-0001')
    expect(slack.calls.map(({ token }) => token)).toEqual(['xoxb-old', 'xoxb-old', 'xoxb-new'])
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
    ['rate_limited asks to wait', refused('rate_limited'), { is: 'retry', afterSeconds: 1 }],
    ['message_not_found: it is gone', refused('message_not_found'), { is: 'gone' }],
    ['cant_update_message: it is gone', refused('cant_update_message'), { is: 'gone' }],
    ['edit_window_closed: it is gone', refused('edit_window_closed'), { is: 'gone' }],
    [
      'channel_not_found says what to do',
      refused('channel_not_found'),
      { is: 'refused', by: 'channel', reason: containing('check it in the config') },
    ],
    [
      'not_in_channel says what to do',
      refused('not_in_channel'),
      { is: 'refused', by: 'channel', reason: containing('/invite') },
    ],
    [
      'invalid_auth says what to do',
      refused('invalid_auth'),
      { is: 'refused', by: 'app', reason: containing('store a new one') },
    ],
    [
      'missing_scope says what to do',
      refused('missing_scope'),
      { is: 'refused', by: 'app', reason: containing('install the app again') },
    ],
    [
      'a channel that takes no such message concerns that message alone',
      refused('restricted_action_non_threadable_channel'),
      { is: 'refused', by: 'message', reason: containing('restricted_action_non_threadable_channel') },
    ],
    [
      'another error is told with its name',
      refused('msg_too_long'),
      { is: 'refused', by: 'message', reason: containing('msg_too_long') },
    ],
  ])('%s', async (_, reply, meaning) => {
    slack.answer('chat.postMessage', reply)
    slack.answer('chat.update', reply)
    expect(await chatOf().post(HERE, MESSAGE, 'INC-0001')).toEqual(meaning)
    expect(await chatOf().update('C0123456/1714660750.000100', MESSAGE)).toEqual(meaning)
    expect(slack.calls).toHaveLength(2)
  })

  test.each<[string, Reply]>([
    ['internal_error', refused('internal_error')],
    ['fatal_error', refused('fatal_error')],
    ['500', { status: 500, body: 'oops' }],
    ['503', { status: 503, body: {} }],
    ['what is no JSON', { body: '<html>' }],
  ])('%s does not say whether it was done', async (_, reply) => {
    slack.answer('chat.postMessage', reply)
    expect(await chatOf().post(HERE, MESSAGE, 'INC-0001')).toEqual(LOST)
    expect(slack.calls).toHaveLength(1)
  })

  test('never comes, because the network is down', async () => {
    const chat = chatOf()
    await slack.close()
    expect(await chat.post(HERE, MESSAGE, 'INC-0001')).toEqual(LOST)
    expect(await chat.find(HERE, 'INC-0001', 0)).toEqual(LOST)
  })

  test('is not asked for without a token', async () => {
    const chat = slackChat({ token: () => Promise.reject(new Refused('not connected yet')), apiUrl: slack.apiUrl })
    const why = { is: 'refused', by: 'app', reason: 'not connected yet' }
    expect(await chat.post(HERE, MESSAGE, 'INC-0001')).toEqual(why)
    expect(await chat.find(HERE, 'INC-0001', 0)).toEqual(why)
    const broken = slackChat({ token: () => Promise.reject(new Error('throttled')), apiUrl: slack.apiUrl })
    await expect(broken.post(HERE, MESSAGE, 'INC-0001')).rejects.toThrow('throttled')
    expect(slack.calls).toHaveLength(0)
  })
})

describe('a channel that is called by its name', () => {
  const PRIVATE = { id: 'C0SECRET1', name: 'secret', isPrivate: true }

  test('that is private is not found by it, but by its id', async () => {
    slack.setChannels([PRIVATE])
    expect(await chatOf().post({ channel: '#secret' }, MESSAGE, 'INC-0001')).toMatchObject({ by: 'channel' })
    const id = await chatOf().resolve('#secret')
    expect(id).toBe(PRIVATE.id)
    expect(await chatOf().post({ channel: id! }, MESSAGE, 'INC-0001')).toMatchObject({ is: 'sent' })
  })

  test('is looked up anew each time: the name may be that of another channel', async () => {
    const chat = chatOf()
    expect(await chat.resolve('incidents')).toBe(CHANNEL)
    slack.setChannels([
      { id: CHANNEL, name: 'old-incidents' },
      { id: 'C0OTHER01', name: 'incidents' },
    ])
    expect(await chat.resolve('#incidents')).toBe('C0OTHER01')
  })

  test.each<[string, string, Reply | undefined]>([
    ['an id is one already', CHANNEL, undefined],
    ['there is none of that name', '#nobody', undefined],
    ['the token may not look', '#incidents', refused('missing_scope')],
    ['Slack asks to wait', '#incidents', { status: 429, headers: { 'retry-after': '30' }, body: {} }],
  ])('is not known: %s', async (_, channel, answer) => {
    if (answer) slack.answer('conversations.list', answer)
    expect(await chatOf().resolve(channel)).toBeUndefined()
  })
})

describe('blocks that Slack refuses', () => {
  test.each(['invalid_blocks', 'msg_blocks_too_long'])(
    '%s: the message goes out as text, and the log says so',
    async (name) => {
      slack.answer('chat.postMessage', refused(name))
      expect(await chatOf().post(HERE, MESSAGE, 'INC-0001')).toEqual({ is: 'sent', ref: newest() })
      expect(argsOf(1)).toMatchObject({ text: MESSAGE.text, channel: CHANNEL, metadata: argsOf(0)['metadata'] })
      expect(argsOf(1)['blocks']).toEqual([])
      expect(lines).toMatchObject([{ level: 'error', facts: { error: name }, counts: { SlackRefusals: 1 } }])
    },
  )

  test('an edit goes out as text as well', async () => {
    const ref = await posted()
    slack.answer('chat.update', refused('invalid_blocks'))
    expect(await chatOf().update(ref, MESSAGE)).toMatchObject({ is: 'sent' })
    expect(argsOf(1)).toMatchObject({ text: MESSAGE.text, ts: ref.split('/')[1] })
  })

  test('a text that is refused too fails, and is not sent for ever', async () => {
    slack.answer('chat.postMessage', ...Array.from({ length: 5 }, () => refused('invalid_blocks')))
    expect(await chatOf().post(HERE, MESSAGE, 'INC-0001')).toEqual({
      is: 'refused',
      by: 'message',
      reason: containing('invalid_blocks'),
    })
    expect(slack.calls).toHaveLength(2)
  })
})

test('a reply that its channel should show as well', async () => {
  const thread = await posted()
  await chatOf().post({ thread, inChannel: true }, MESSAGE, 'INC-0001/2')
  expect(argsOf(0)).toMatchObject({ thread_ts: thread.split('/')[1], reply_broadcast: true })
  await chatOf().post({ thread }, MESSAGE, 'INC-0001/3')
  expect(argsOf(1)).not.toHaveProperty('reply_broadcast')
})

describe('a probe', () => {
  test('of a channel whose id is known asks for that, and calls it by its name', async () => {
    slack.setChannels([{ id: CHANNEL, name: 'renamed' }])
    expect(await chatOf().probe(['#incidents'])).toMatch(/^#incidents: the channel does not exist/)
    expect(await chatOf().probe(['#incidents'], new Map([['#incidents', CHANNEL]]))).toBeUndefined()
  })

  test('says nothing where Slack would take a message, and sends none', async () => {
    expect(await chatOf().probe(['#incidents', CHANNEL])).toBeUndefined()
    const methods = slack.calls.map(({ method }) => method)
    expect(methods).toEqual(['auth.test', 'conversations.list', 'conversations.info', 'conversations.info'])
  })

  test('looks names up once, and looks at every channel some time', async () => {
    const many = Array.from({ length: 60 }, (_, n) => ({ id: `C0CHANNEL${n}`, name: `team-${n}` }))
    slack.setChannels(many)
    const seen = new Set<unknown>()
    for (let times = 0; times < 40; times++) {
      slack.calls.length = 0
      await chatOf().probe(many.map(({ name }) => `#${name}`))
      const asked = slack.calls.filter(({ method }) => method === 'conversations.info')
      expect(asked).toHaveLength(20)
      expect(slack.calls.filter(({ method }) => method === 'conversations.list')).toHaveLength(1)
      for (const { args } of asked) seen.add(args['channel'])
    }
    expect(seen.size).toBe(60)
  })

  const told = (more: object): Reply => ({ body: { ok: true, channel: { id: CHANNEL, ...more } } })
  test.each<[string, string, Reply | undefined, RegExp | undefined]>([
    ['that is archived', CHANNEL, told({ is_archived: true }), /^C0123456: the channel is archived: choose another/],
    ['without Tocsin', CHANNEL, told({ is_member: false }), /^C0123456: Tocsin is not in the channel: invite it/],
    ['that is gone', 'C0999999', undefined, /^C0999999: the channel does not exist or Tocsin cannot see it/],
    ['that never was', 'nowhere', undefined, /^#nowhere: the channel does not exist/],
    ['of which Slack says nothing just now', CHANNEL, { status: 503, body: {} }, undefined],
    ['of which it may say nothing', CHANNEL, refused('missing_scope'), undefined],
  ])('names a channel %s', async (_, channel, reply, words) => {
    if (reply) slack.answer('conversations.info', reply)
    const why = await chatOf().probe([channel])
    if (words) expect(why).toMatch(words)
    else expect(why).toBeUndefined()
  })

  test.each<[string, Reply, RegExp]>([
    ['a token that is not valid', refused('invalid_auth'), /the bot token is not valid: store a new one/],
    ['too many calls', { status: 429, headers: { 'retry-after': '30' }, body: {} }, /asks to wait 30 seconds/],
    ['a Slack that is down', { status: 503, body: {} }, /503/],
  ])('of %s says so', async (_, reply, words) => {
    slack.answer('auth.test', reply)
    expect(await chatOf().probe([])).toMatch(words)
  })

  test('without a secret says that Slack is not connected yet', async () => {
    const chat = slackChat({
      token: async () => {
        throw new Error('Slack is not connected yet: run npx tocsin slack connect')
      },
    })
    expect(await chat.probe([])).toMatch(/not connected yet/)
  })
})
