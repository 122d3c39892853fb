// Answers to clicks go to Slack and nowhere else.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { slackDialogs } from '../../../lambda/adapters/slack/dialogs.ts'

let server: Server
const got: string[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    got.push(String(request.url))
    if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere' }).end()
    else response.writeHead(request.url === '/gone' ? 404 : 200).end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => server.close())
beforeEach(() => (got.length = 0))

const base = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const token = async (): Promise<string> => 'xoxb-1'

test.each([
  'http://hooks.slack.com/actions/T1/1/x',
  'https://hooks.slack.com.evil.example/x',
  'https://evil.example/hooks.slack.com',
  'https://hooks.slack.com@evil.example/',
  'https://hooks.slack.com:8443/x',
  'file:///etc/passwd',
  'http://169.254.169.254/latest/meta-data',
  'no address',
])('not to %s', async (url) => {
  await expect(slackDialogs(token).whisper(url, 'hello')).rejects.toThrow('not one of Slack')
})

test('to a Slack that is elsewhere, only where that is', async () => {
  const dialogs = slackDialogs(token, `${base()}/api/`)
  await dialogs.whisper(`${base()}/answers/1`, 'hello')
  expect(got).toEqual(['/answers/1'])
  await expect(dialogs.whisper('https://hooks.slack.com/actions/x', 'hello')).rejects.toThrow('not one of Slack')
})

test('no further, if that sends elsewhere', async () => {
  const dialogs = slackDialogs(token, `${base()}/api/`)
  await expect(dialogs.whisper(`${base()}/moved`, 'hello')).rejects.toThrow()
  expect(got).toEqual(['/moved'])
})

test('says that nobody took it', async () => {
  await expect(slackDialogs(token, base()).whisper(`${base()}/gone`, 'hello')).rejects.toThrow('404')
})
