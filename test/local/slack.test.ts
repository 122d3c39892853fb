/** The fake Slack, driven by Slack's own client over HTTP. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createHmac } from 'node:crypto'
import { ErrorCode, LogLevel, WebClient } from '@slack/web-api'
import type { ConversationsHistoryResponse } from '@slack/web-api'
import { createSlack } from '../../local/slack/index.ts'
import type { PretendSlack } from '../../local/slack/index.ts'
import { listen, listenAsApp } from './app.ts'
import type { App, Listening } from './app.ts'

const CHANNEL = 'C0OPS'
const SECRET = 'a-signing-secret'

let clock: number
let slack: PretendSlack
let server: Listening
let app: App
let client: WebClient

const clientWith = (token: string) =>
  new WebClient(token, {
    slackApiUrl: `${server.url}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    logger: {
      debug() {},
      info() {},
      warn() {},
      error() {},
      setLevel() {},
      getLevel: () => LogLevel.ERROR,
      setName() {},
    },
  })

beforeEach(async () => {
  clock = Date.parse('2026-03-01T12:00:00Z')
  app = await listenAsApp()
  slack = createSlack({
    token: 'xoxb-test',
    signingSecret: SECRET,
    interactivityUrl: () => app.url,
    channels: [{ id: CHANNEL, name: 'ops-alerts' }],
    now: () => clock,
  })
  server = await listen((req, res) => void slack.handleApi(req, res))
  client = clientWith('xoxb-test')
})

afterEach(async () => {
  await server.close()
  await app.close()
})

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } }) as const
const acknowledge = {
  type: 'actions' as const,
  block_id: 'actions',
  elements: [
    {
      type: 'button' as const,
      action_id: 'acknowledge',
      value: 'inc-1',
      text: { type: 'plain_text' as const, text: 'Acknowledge' },
    },
    {
      type: 'static_select' as const,
      action_id: 'snooze',
      placeholder: { type: 'plain_text' as const, text: 'Snooze' },
      options: [{ text: { type: 'plain_text' as const, text: '1 hour' }, value: '3600' }],
    },
  ],
}

async function post(more: Record<string, unknown> = {}): Promise<string> {
  clock += 1000
  const { ts } = await client.chat.postMessage({ channel: CHANNEL, text: 'Disk is full', ...more })
  return ts ?? ''
}

const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error: { data?: { error: string }; code: string }) => error.data?.error ?? error.code,
  )

describe('messages', () => {
  test('a message is posted, edited, and keeps its ts', async () => {
    const ts = await post({ blocks: [section('Disk is full')] })
    expect(ts).toMatch(/^\d{10}\.\d{6}$/)
    await client.chat.update({ channel: CHANNEL, ts, text: 'Disk is fine', blocks: [section('Disk is fine')] })
    const [message] = slack.snapshot().messages
    expect(message).toMatchObject({ ts, text: 'Disk is fine', edited: { user: 'U0TOCSIN' } })
    expect(slack.stats()).toMatchObject({ posts: 1, updates: 1, threadReplies: 0 })
  })

  test('every ts is new, even within one millisecond', async () => {
    const said = Array.from({ length: 50 }, () => slack.say({ userId: 'U0ANA', channel: CHANNEL, text: 'hello' })?.ts)
    expect(new Set(said).size).toBe(50)
    expect(said).toEqual([...said].sort())
  })

  test('an edit without blocks keeps those that were there; an empty list takes them away', async () => {
    const ts = await post({ blocks: [section('one')] })
    await client.chat.update({ channel: CHANNEL, ts, text: 'two' })
    expect(slack.snapshot().messages[0]?.blocks).toHaveLength(1)
    await client.chat.update({ channel: CHANNEL, ts, text: 'two', blocks: [] })
    expect(slack.snapshot().messages[0]?.blocks).toBeUndefined()
  })

  test('a reply goes to the thread, and shows in the channel only when broadcast', async () => {
    const ts = await post()
    await post({ thread_ts: ts, text: 'quiet' })
    await post({ thread_ts: ts, text: 'loud', reply_broadcast: true })
    const channel = await client.conversations.history({ channel: CHANNEL })
    expect(channel.messages?.map(({ text }) => text)).toEqual(['loud', 'Disk is full'])
    expect(channel.messages?.[1]).toMatchObject({ reply_count: 2, thread_ts: ts })
    const thread = await client.conversations.replies({ channel: CHANNEL, ts })
    expect(thread.messages?.map(({ text }) => text)).toEqual(['Disk is full', 'quiet', 'loud'])
    expect(slack.stats()).toMatchObject({ posts: 1, threadReplies: 2 })
  })

  test('an ephemeral message is seen by one person and is in no history', async () => {
    await client.chat.postEphemeral({ channel: CHANNEL, user: 'U0BEN', text: 'Ana was first' })
    expect(slack.snapshot('U0BEN').messages).toHaveLength(1)
    expect(slack.snapshot('U0ANA').messages).toHaveLength(0)
    expect((await client.conversations.history({ channel: CHANNEL })).messages).toEqual([])
  })

  test('a deleted message is gone', async () => {
    const ts = await post()
    await client.chat.delete({ channel: CHANNEL, ts })
    expect(slack.snapshot().messages).toEqual([])
  })

  test('what a person types cannot forge a mention', () => {
    slack.say({ userId: 'U0GUS', channel: CHANNEL, text: '<!channel> & co' })
    expect(slack.snapshot().messages[0]?.text).toBe('&lt;!channel&gt; &amp; co')
  })
})

describe('history', () => {
  const metadata = { event_type: 'incident', event_payload: { id: 'inc-1' } }

  test('metadata comes only when asked for', async () => {
    await post({ metadata })
    const plain = await client.conversations.history({ channel: CHANNEL })
    const full = await client.conversations.history({ channel: CHANNEL, include_all_metadata: true })
    expect(plain.messages?.[0]?.metadata).toBeUndefined()
    expect(full.messages?.[0]?.metadata).toEqual(metadata)
  })

  test('oldest is exclusive unless inclusive, newest comes first', async () => {
    const first = await post({ text: '1' })
    await post({ text: '2' })
    const texts = async (more: object) =>
      (await client.conversations.history({ channel: CHANNEL, ...more })).messages?.map(({ text }) => text)
    expect(await texts({ oldest: first })).toEqual(['2'])
    expect(await texts({ oldest: first, inclusive: true })).toEqual(['2', '1'])
    expect(await texts({ latest: first, inclusive: true })).toEqual(['1'])
  })

  test('pages follow the cursor to the end', async () => {
    for (const text of ['1', '2', '3']) await post({ text })
    const seen: unknown[] = []
    for await (const page of client.paginate('conversations.history', { channel: CHANNEL, limit: 2 })) {
      seen.push((page as ConversationsHistoryResponse).messages?.map(({ text }) => text))
    }
    expect(seen).toEqual([['3', '2'], ['1']])
  })
})

describe('what Slack refuses', () => {
  const longButton = {
    ...acknowledge,
    elements: [{ type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'x'.repeat(76) } }],
  }

  test.each([
    ['a wrong token', () => clientWith('xoxb-wrong').auth.test(), 'invalid_auth'],
    ['no token', () => clientWith('').auth.test(), 'not_authed'],
    ['an unknown channel', () => post({ channel: 'C0NONE' }), 'channel_not_found'],
    ['nothing to say', () => post({ text: '' }), 'no_text'],
    ['an unknown thread', () => post({ thread_ts: '1.000001' }), 'thread_not_found'],
    ['an unknown method', () => client.apiCall('chat.shout'), 'unknown_method'],
    [
      'an edit of no message',
      () => client.chat.update({ channel: CHANNEL, ts: '1.000001', text: 'x' }),
      'message_not_found',
    ],
    ['a section that is too long', () => post({ blocks: [section('x'.repeat(3001))] }), 'invalid_blocks'],
    ['an empty section', () => post({ blocks: [section('')] }), 'invalid_blocks'],
    ['51 blocks', () => post({ blocks: Array(51).fill(section('x')) }), 'invalid_blocks'],
    ['a long button', () => post({ blocks: [longButton] }), 'invalid_blocks'],
    ['an unknown block', () => post({ blocks: [{ type: 'marquee' }] }), 'invalid_blocks'],
    [
      '11 context elements',
      () => post({ blocks: [{ type: 'context', elements: Array(11).fill(section('x').text) }] }),
      'invalid_blocks',
    ],
    ['a modal out of nowhere', () => client.views.open({ trigger_id: '1.2.3', view: modal }), 'invalid_trigger_id'],
  ])('%s', async (_what, call, error) => {
    expect(await errorOf(call())).toBe(error)
  })

  test("another's message cannot be edited", async () => {
    const ts = slack.say({ userId: 'U0ANA', channel: CHANNEL, text: 'mine' })?.ts ?? ''
    expect(await errorOf(client.chat.update({ channel: CHANNEL, ts, text: 'yours' }))).toBe('cant_update_message')
  })

  test('an edit over 4,000 characters is too long, a post is not', async () => {
    const ts = await post({ text: 'x'.repeat(5000) })
    expect(await errorOf(client.chat.update({ channel: CHANNEL, ts, text: 'x'.repeat(4001) }))).toBe('msg_too_long')
  })

  test('it says which part of the blocks is wrong', async () => {
    const error: unknown = await client.chat
      .postMessage({ channel: CHANNEL, text: 'x', blocks: [longButton] as never })
      .catch((e: unknown) => e)
    expect(error).toMatchObject({
      data: {
        response_metadata: {
          messages: ['[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]'],
        },
      },
    })
  })
})

describe('limits', () => {
  const postNow = () => client.chat.postMessage({ channel: CHANNEL, text: 'now' })

  test('the second message within a second is refused with Retry-After', async () => {
    await postNow()
    await expect(postNow()).rejects.toMatchObject({ code: ErrorCode.RateLimitedError, retryAfter: 1 })
    clock += 1000
    await expect(postNow()).resolves.toMatchObject({ ok: true })
    expect(slack.stats()).toMatchObject({ posts: 2, refused: 1 })
  })

  test('refusals on demand end after their count', async () => {
    slack.refuse({ count: 1, retryAfterSeconds: 7 })
    await expect(postNow()).rejects.toMatchObject({ retryAfter: 7 })
    await expect(postNow()).resolves.toMatchObject({ ok: true })
  })

  test('fifty edits a minute may be made, in all channels together', async () => {
    const { ts } = await postNow()
    const editNow = () => client.chat.update({ channel: CHANNEL, ts: ts!, text: 'edited' })
    for (let edits = 0; edits < 50; edits++) await editNow()
    clock += 30_000
    await expect(editNow()).rejects.toMatchObject({ retryAfter: 30 })
    clock += 30_000
    await expect(editNow()).resolves.toMatchObject({ ok: true })
  })

  test('a dropped connection says nothing, and the message is there', async () => {
    slack.drop('chat.postMessage')
    await expect(postNow()).rejects.toMatchObject({ code: ErrorCode.RequestError })
    expect(slack.stats().posts).toBe(1)
    clock += 1000
    await expect(postNow()).resolves.toMatchObject({ ok: true })
  })

  test('an outage ends by itself', async () => {
    slack.outage(30)
    await expect(client.auth.test()).rejects.toMatchObject({ code: ErrorCode.HTTPError })
    clock += 30_000
    await expect(client.auth.test()).resolves.toMatchObject({ user_id: 'U0TOCSIN' })
  })
})

const modal = {
  type: 'modal' as const,
  callback_id: 'unrelated',
  private_metadata: 'inc-1',
  title: { type: 'plain_text' as const, text: 'Not related' },
  submit: { type: 'plain_text' as const, text: 'Move' },
  blocks: [
    {
      type: 'input' as const,
      block_id: 'why',
      label: { type: 'plain_text' as const, text: 'Why?' },
      element: { type: 'plain_text_input' as const, action_id: 'text' },
    },
  ],
}

describe('interactions', () => {
  const press = async (more: object = {}) => {
    const ts = await post({ blocks: [section('Disk is full'), acknowledge] })
    return slack.act({ userId: 'U0ANA', channel: CHANNEL, ts, blockId: 'actions', actionId: 'acknowledge', ...more })
  }
  const last = () => app.received.at(-1)!

  test('a click is signed as Slack signs', async () => {
    expect(await press()).toEqual({ ok: true })
    const { headers, body } = last()
    const base = `v0:${String(headers['x-slack-request-timestamp'])}:${body}`
    expect(headers['x-slack-signature']).toBe(`v0=${createHmac('sha256', SECRET).update(base).digest('hex')}`)
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  test('a click tells who, where and what', async () => {
    await press()
    expect(last().payload).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0ANA', name: 'ana' },
      channel: { id: CHANNEL, name: 'ops-alerts' },
      container: { type: 'message', channel_id: CHANNEL },
      message: { text: 'Disk is full', bot_id: 'B0TOCSIN' },
      actions: [{ type: 'button', action_id: 'acknowledge', block_id: 'actions', value: 'inc-1' }],
      state: { values: { actions: { snooze: { selected_option: null } } } },
    })
  })

  test('a choice carries its option', async () => {
    const option = { text: { type: 'plain_text', text: '1 hour' }, value: '3600' }
    await press({ actionId: 'snooze', selectedOption: option })
    expect(last().payload.actions[0]).toMatchObject({ type: 'static_select', selected_option: option })
  })

  test.each([
    ['fails', () => 500, 'This app responded with Status Code 500.'],
    [
      'is silent for 3 seconds',
      () => new Promise((resolve) => setTimeout(resolve, 3300)),
      'This app did not respond in time.',
    ],
  ])('the person is told when the app %s', async (_what, answer, error) => {
    app.answer = answer
    expect(await press()).toEqual({ ok: false, error })
  })

  test('a response_url answers one person, replaces the message, and is used up after five', async () => {
    await press()
    const { response_url } = last().payload
    const respond = (body: object) => fetch(response_url, { method: 'POST', body: JSON.stringify(body) })
    expect(response_url).toContain(server.url)
    await respond({ text: 'Only for Ana' })
    expect(slack.snapshot('U0ANA').messages.map(({ text }) => text)).toContain('Only for Ana')
    expect(slack.snapshot('U0BEN').messages.map(({ text }) => text)).not.toContain('Only for Ana')
    await respond({ text: 'For all', response_type: 'in_channel' })
    expect(slack.snapshot('U0BEN').messages.map(({ text }) => text)).toContain('For all')
    await respond({ replace_original: true, text: 'Replaced' })
    expect(slack.snapshot().messages[0]?.text).toBe('Replaced')
    await respond({ delete_original: true })
    expect((await respond({ text: 'five' })).status).toBe(200)
    expect((await respond({ text: 'six' })).status).toBe(404)
  })

  describe('modals', () => {
    const open = async () => {
      app.answer = (payload) =>
        payload.type === 'block_actions'
          ? client.views.open({ trigger_id: payload.trigger_id, view: modal }).then(() => undefined)
          : undefined
      await press()
      return slack.snapshot('U0ANA').view!
    }
    const because = { why: { text: { type: 'plain_text_input', value: 'another host' } } }
    const submit = (viewId: string, values: object = because) =>
      slack.submitView({ userId: 'U0ANA', viewId, values: values as never })

    test('a click opens a modal for that person, and submitting closes it', async () => {
      const view = await open()
      expect(view).toMatchObject({ callback_id: 'unrelated', private_metadata: 'inc-1' })
      expect(slack.snapshot('U0BEN').view).toBeUndefined()
      expect(await submit(view.id)).toEqual({ ok: true })
      expect(last().payload).toMatchObject({ type: 'view_submission', view: { state: { values: because } } })
      expect(slack.snapshot('U0ANA').view).toBeUndefined()
    })

    test('a required field is asked for before the app is', async () => {
      const view = await open()
      const before = app.received.length
      expect(await submit(view.id, {})).toEqual({ ok: false, errors: { why: 'Please complete this required field.' } })
      expect(app.received).toHaveLength(before)
    })

    test("the app's errors keep the modal open", async () => {
      const view = await open()
      app.answer = () => ({ response_action: 'errors', errors: { why: 'Say more' } })
      expect(await submit(view.id)).toEqual({ ok: false, errors: { why: 'Say more' } })
      expect(slack.snapshot('U0ANA').view?.id).toBe(view.id)
    })

    test('update redraws it, push puts one on top, clear closes all', async () => {
      const view = await open()
      app.answer = () => ({ response_action: 'update', view: { ...modal, callback_id: 'second' } })
      await submit(view.id)
      expect(slack.snapshot('U0ANA').view).toMatchObject({ id: view.id, callback_id: 'second' })
      app.answer = () => ({ response_action: 'push', view: { ...modal, callback_id: 'third' } })
      await submit(view.id)
      const top = slack.snapshot('U0ANA').view!
      expect(top).toMatchObject({ callback_id: 'third', previous_view_id: view.id })
      app.answer = () => ({ response_action: 'clear' })
      await submit(top.id)
      expect(slack.snapshot('U0ANA').view).toBeUndefined()
    })

    test('a trigger id is good once, and for 3 seconds', async () => {
      await press()
      const { trigger_id } = last().payload
      await client.views.open({ trigger_id, view: modal })
      expect(await errorOf(client.views.open({ trigger_id, view: modal }))).toBe('exchanged_trigger_id')
      await press()
      clock += 3001
      expect(await errorOf(client.views.open({ trigger_id: last().payload.trigger_id, view: modal }))).toBe(
        'expired_trigger_id',
      )
    })
  })
})
