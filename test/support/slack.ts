// The fake Slack on an address of its own, for what calls it over HTTP: it remembers what it was asked, and a test can override its answers.
import { createSlack, type Asked, type PretendSlack, type SlackOptions } from '../../local/slack/index.ts'
import { listen } from '../local/app.ts'

export interface ServedSlack extends PretendSlack {
  /** Where methods are, with a slash at the end. */
  apiUrl: string
  calls: Asked[]
  close(): Promise<void>
}

export async function serveSlack(options: Pick<SlackOptions, 'token' | 'channels' | 'scopes'>): Promise<ServedSlack> {
  const calls: Asked[] = []
  const slack = createSlack({
    ...options,
    signingSecret: 'nobody clicks',
    interactivityUrl: () => 'http://127.0.0.1:9/',
    messagesPerSecond: Infinity,
    asked: (call) => void calls.push(call),
  })
  const { url, close } = await listen((req, res) => void slack.handleApi(req, res))
  return { ...slack, apiUrl: `${url}/api/`, calls, close }
}
