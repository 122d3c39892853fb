// Each of Slack's errors, tried against the pretend Slack: what becomes of a message, and what people are told.
import { readFileSync } from 'node:fs'
import { slackChat } from '../../../lambda/adapters/slack/chat.ts'
import { ERRORS, type Means } from '../../../lambda/adapters/slack/errors.ts'
import type { Search, Sent } from '../../../lambda/ports/slack.ts'
import { serveSlack, type ServedSlack } from '../../support/slack.ts'

const CHANNEL = 'C0123456'
let slack: ServedSlack
beforeAll(async () => {
  slack = await serveSlack({ token: 'xoxb-1', channels: [{ id: CHANNEL, name: 'incidents' }] })
})
afterAll(() => slack.close())

const chat = () => slackChat({ token: async () => 'xoxb-1', apiUrl: slack.apiUrl })
const MESSAGE = { text: 'Disk', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Disk' } }] }
const fails = (method: string, error: string): void => void slack.answer(method, { body: { ok: false, error } })

const outcome = (answer: Sent | Search): string => (answer.is === 'refused' ? `refused by ${answer.by}` : answer.is)

/** Of a post, an edit and a search. */
const BECOMES: Record<Means, [post: string, edit: string, search: string]> = {
  wait: ['retry', 'retry', 'retry'],
  unsure: ['lost', 'lost', 'lost'],
  gone: ['gone', 'gone', 'missing'],
  'as text': ['sent', 'sent', 'refused by message'],
  message: ['refused by message', 'refused by message', 'refused by message'],
  channel: ['refused by channel', 'refused by channel', 'refused by channel'],
  app: ['refused by app', 'refused by app', 'refused by app'],
}

test.each([...ERRORS])('%s', async (name, { means, remedy }) => {
  const { ref } = (await chat().post({ channel: CHANNEL }, MESSAGE, 'INC-1')) as { ref: string }
  fails('chat.postMessage', name)
  fails('chat.update', name)
  fails('conversations.history', name)
  const answers = [
    await chat().post({ channel: CHANNEL }, MESSAGE, 'INC-2'),
    await chat().update(ref, MESSAGE),
    await chat().find({ channel: CHANNEL }, 'INC-2', 0),
  ]
  const [post, edit, search] = BECOMES[means]
  // A token that may not search may still post.
  expect(answers.map(outcome)).toEqual([post, edit, name === 'missing_scope' ? 'refused by message' : search])
  for (const answer of answers)
    if (answer.is === 'refused') expect(answer.reason).toBe(remedy === undefined ? name : `${remedy} (${name})`)
})

test.each([
  ['an error that Slack’s documents do not have', 'brand_new_error', 'refused by message'],
  ['what is no name of an error', 'Bad Gateway', 'lost'],
])('%s', async (_, name, expected) => {
  fails('chat.postMessage', name)
  expect(outcome(await chat().post({ channel: CHANNEL }, MESSAGE, 'INC-3'))).toBe(expected)
})

const DOES: Record<Means, string> = {
  wait: 'waits for as long as Slack says, and tries again',
  unsure: 'looks for the message before it tries again',
  gone: 'posts the message anew; a thread that is gone begins anew with it',
  'as text': 'sends the message as text, without buttons, and logs an error',
  message: 'tries that message six times, then whenever something changes; the others go on',
  channel: 'tries the channel until somebody mends it; after five minutes the common channel stands in for it',
  app: 'tries until somebody mends it, and says so by e-mail',
}

test('docs/slack-errors.md has the same table', () => {
  const rows = [...ERRORS].map(([name, { means, remedy = 'nothing' }]) => [`\`${name}\``, DOES[means], remedy])
  const doc = readFileSync('docs/slack-errors.md', 'utf8')
  const said = doc
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    )
  expect(said).toEqual(rows)
})
