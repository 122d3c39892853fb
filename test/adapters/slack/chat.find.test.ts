// A message that was sent before a crash is found again by its metadata, so that it is not sent twice.
import { slackChat } from '../../../lambda/adapters/slack/chat.ts'
import type { Chat, Where } from '../../../lambda/ports/slack.ts'
import type { Channel } from '../../../local/slack/index.ts'
import { containing } from '../../core/matchers.ts'
import { serveSlack, type ServedSlack } from '../../support/slack.ts'

const CHANNEL = 'C0123456'
/** How many the adapter asks for at once. */
const PAGE = 200
/** More than a page of other channels come before it. */
const CHANNELS: Channel[] = [
  ...Array.from({ length: 1000 }, (_, place) => ({ id: `C0AAAA${1000 + place}`, name: `general-${place}` })),
  { id: CHANNEL, name: 'incidents' },
]

let slack: ServedSlack
beforeEach(async () => {
  slack = await serveSlack({ token: 'xoxb-1', channels: CHANNELS })
})
afterEach(() => slack.close())

const chatOf = (): Chat => slackChat({ token: async () => 'xoxb-1', apiUrl: slack.apiUrl })
const HERE: Where = { channel: CHANNEL }
const argsOf = (place: number): Record<string, unknown> => slack.calls[place]!.args

async function posted(tag: string, where = HERE): Promise<string> {
  const sent = await chatOf().post(where, { text: tag }, tag)
  slack.calls.length = 0
  return (sent as { ref: string }).ref
}

async function otherApp(tag: string): Promise<void> {
  const body = JSON.stringify({
    channel: CHANNEL,
    text: 'not ours',
    metadata: { event_type: 'other_app', event_payload: { tag } },
  })
  const headers = { authorization: 'Bearer xoxb-1', 'content-type': 'application/json' }
  await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', headers, body })
  slack.calls.length = 0
}

function chatter(messages: number, thread?: string): void {
  const threadTs = thread?.split('/')[1]
  for (let n = 0; n < messages; n++)
    slack.say({ userId: 'U0ANA', channel: CHANNEL, text: `${n}`, ...(threadTs !== undefined && { threadTs }) })
}

describe('a message is found again', () => {
  test('by its mark, among others', async () => {
    await otherApp('INC-0001')
    const ref = await posted('INC-0001')
    await otherApp('INC-0001')
    await posted('INC-0002')
    chatter(1)
    expect(await chatOf().find(HERE, 'INC-0001', 1_714_660_750_123)).toEqual({ is: 'found', ref })
    expect(argsOf(0)).toMatchObject({ channel: CHANNEL, oldest: '1714660750.123000', include_all_metadata: true })
  })

  test('on a later page', async () => {
    const ref = await posted('INC-0001')
    chatter(PAGE)
    expect(await chatOf().find(HERE, 'INC-0001', 0)).toEqual({ is: 'found', ref })
    expect(slack.calls.map(({ args }) => args['cursor'])).toEqual([undefined, expect.any(String)])
  })

  test('in a thread, in the channel of its message', async () => {
    const ref = await posted('INC-0001')
    chatter(PAGE, ref)
    const reply = await posted('INC-0001/3', { thread: ref })
    expect(await chatOf().find({ thread: ref }, 'INC-0001/3', 0)).toEqual({ is: 'found', ref: reply })
    expect(argsOf(1)).toMatchObject({
      channel: CHANNEL,
      ts: ref.split('/')[1],
      cursor: expect.any(String) as string,
    })
  })

  test('not, where there is none', async () => {
    chatter(PAGE + 1)
    expect(await chatOf().find(HERE, 'INC-0001', 0)).toEqual({ is: 'missing' })
    expect(slack.calls).toHaveLength(2)
  })

  test.each(['#incidents', 'incidents'])('in a channel given by its name, %s, looked up once', async (name) => {
    const ref = await posted('INC-0001')
    const chat = chatOf()
    for (let times = 0; times < 2; times++)
      expect(await chat.find({ channel: name }, 'INC-0001', 0)).toEqual({ is: 'found', ref })
    expect(slack.calls.filter(({ method }) => method === 'conversations.list')).toHaveLength(2)
  })

  test('not in a channel that nobody knows: that says what to do', async () => {
    const answer = await chatOf().find({ channel: '#nowhere' }, 'INC-0001', 0)
    expect(answer).toMatchObject({ is: 'refused', by: 'channel', reason: containing('invite Tocsin to it') })
  })
})
