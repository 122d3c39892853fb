// A message that was sent before a crash is found again by its mark, so that it is not sent twice.
import { slackChat } from '../../../lambda/adapters/slack/chat.ts'
import type { Chat } from '../../../lambda/ports/slack.ts'
import { fakeSlack, type FakeSlack, type Reply } from './fake-slack.ts'

let slack: FakeSlack
beforeEach(async () => {
  slack = await fakeSlack()
})
afterEach(() => slack.close())

const chatIn = (channel = 'C0123456'): Chat => slackChat({ channel, token: async () => 'xoxb-1', apiUrl: slack.url })
const formOf = (place: number): Record<string, string> => slack.calls[place]!.form

const marked = (ts: string, tag: string, event_type = 'tocsin_message'): object => ({
  ts,
  metadata: { event_type, event_payload: { tag } },
})
const page = (messages: object[], next_cursor = ''): Reply => ({
  body: { ok: true, messages, response_metadata: { next_cursor } },
})

describe('a message is found again', () => {
  test('by its mark, among others', async () => {
    slack.answers['conversations.history'] = [
      page([
        { ts: '5.1' },
        marked('5.2', 'INC-0002'),
        marked('5.3', 'INC-0001', 'other_app'),
        marked('5.4', 'INC-0001'),
      ]),
    ]
    expect(await chatIn().find('INC-0001', 1_714_660_750_123)).toBe('C0123456/5.4')
    expect(formOf(0)).toMatchObject({ channel: 'C0123456', oldest: '1714660750.123000', include_all_metadata: 'true' })
  })

  test('on a later page', async () => {
    slack.answers['conversations.history'] = [page([marked('5.1', 'x')], 'next'), page([marked('5.2', 'INC-0001')])]
    expect(await chatIn().find('INC-0001', 0)).toBe('C0123456/5.2')
    expect(slack.calls.map(({ form }) => form['cursor'])).toEqual([undefined, 'next'])
  })

  test('in a thread, in the channel of its message', async () => {
    slack.answers['conversations.replies'] = [
      page([marked('5.1', 'INC-0001')], 'more'),
      page([marked('5.9', 'INC-0001/3')]),
    ]
    expect(await chatIn('C0OTHER99').find('INC-0001/3', 0, 'C0123456/5.1')).toBe('C0123456/5.9')
    expect(formOf(1)).toMatchObject({ channel: 'C0123456', ts: '5.1', cursor: 'more' })
  })

  test('not, where there is none', async () => {
    slack.answers['conversations.history'] = [page([], 'next'), page([])]
    expect(await chatIn().find('INC-0001', 0)).toBeUndefined()
  })

  test.each(['#incidents', 'incidents'])('in a channel given by its name, %s, looked up once', async (name) => {
    const channels = (found: object[], next_cursor = ''): Reply => ({
      body: { ok: true, channels: found, response_metadata: { next_cursor } },
    })
    slack.answers = {
      'conversations.list': [
        channels([{ id: 'C0AAAAAA', name: 'general' }], 'next'),
        channels([{ id: 'C0BBBBBB', name: 'incidents' }]),
      ],
      'conversations.history': [page([marked('5.4', 'INC-0001')])],
    }
    const chat = chatIn(name)
    expect(await chat.find('INC-0001', 0)).toBe('C0BBBBBB/5.4')
    expect(await chat.find('INC-0001', 0)).toBe('C0BBBBBB/5.4')
    expect(slack.calls.filter(({ method }) => method === 'conversations.list')).toHaveLength(2)
  })

  test('not in a channel that nobody knows: that says what to do', async () => {
    slack.answers['conversations.list'] = [{ body: { ok: true, channels: [] } }]
    await expect(chatIn('#nowhere').find('INC-0001', 0)).rejects.toThrow('there is no Slack channel #nowhere')
  })
})
