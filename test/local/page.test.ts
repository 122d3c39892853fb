/** The page, used as a person uses it: a real browser, a fake stage, and an app that answers the clicks. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { request } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { LogLevel, WebClient } from '@slack/web-api'
import { servePage } from '../../local/page/server/server.ts'
import type { Stage } from '../../local/page/server/server.ts'
import { createSlack } from '../../local/slack/index.ts'
import type { PretendSlack } from '../../local/slack/index.ts'
import { CHROMIUM, launch } from './browser.ts'
import { listenAsApp } from './app.ts'
import type { App } from './app.ts'

if (!CHROMIUM) console.warn('The browser tests of the page are skipped: no chromium at /usr/bin/chromium or $CHROMIUM.')

const CHANNEL = 'C0OPS'
const text = (words: string) => ({ type: 'plain_text' as const, text: words })
const option = (words: string, value: string) => ({ text: text(words), value })

const message = (status: string) =>
  [
    { type: 'header', text: text('Checkout is failing') },
    {
      type: 'section',
      text: { type: 'mrkdwn', text: `*Status* ${status} since 12:02:10, 3.1 GiB &gt; 3 GiB` },
      accessory: { type: 'overflow', action_id: 'more', options: [option('Mark as flapping', 'flap')] },
    },
    {
      type: 'actions',
      block_id: 'actions',
      elements: [
        { type: 'button', action_id: 'acknowledge', style: 'primary', text: text('Acknowledge'), value: 'inc-1' },
        {
          type: 'button',
          action_id: 'resolve',
          style: 'danger',
          text: text('Resolve'),
          confirm: {
            title: text('Resolve it?'),
            text: text('Two alarms still fire.'),
            confirm: text('Resolve'),
            deny: text('No'),
          },
        },
        {
          type: 'static_select',
          action_id: 'snooze',
          placeholder: text('Snooze'),
          options: [option('15 minutes', '900'), option('1 hour', '3600')],
        },
        { type: 'button', action_id: 'split', text: text('Not related…') },
      ],
    },
  ] as never

const input = (block_id: string, label: string, element: object) => ({
  type: 'input',
  block_id,
  label: text(label),
  element,
})
const choices = [option('disk', 'disk'), option('errors', 'errors')]
const modal = {
  type: 'modal',
  callback_id: 'split',
  title: text('Not related'),
  submit: text('Move'),
  blocks: [
    input('alarms', 'Alarms', { type: 'checkboxes', action_id: 'a', options: choices }),
    input('to', 'Where to', { type: 'radio_buttons', action_id: 'r', options: [option('New incident', 'new')] }),
    input('service', 'Service', { type: 'static_select', action_id: 's', options: choices }),
    input('why', 'Why', { type: 'plain_text_input', action_id: 't' }),
  ],
} as never

let app: App
let slack: PretendSlack
let client: WebClient
let served: Awaited<ReturnType<typeof servePage>>
let played: string[]
let ts: string

function fakeStage(): Stage {
  const listeners = new Set<() => void>()
  let playing = false
  const tell = () => listeners.forEach((listener) => listener())
  return {
    scenarios: [{ id: 'disk', title: 'A disk fills', description: 'One incident from twelve alarms.' }],
    worlds: [{ id: 'queue', title: 'A queue backs up', description: 'Consumers are gone.' }],
    async playWorld(id, manner) {
      played.push(`${id} ${manner}`)
    },
    async play(id, speed) {
      played.push(`${id} ${speed}`)
      playing = true
      tell()
    },
    async stop() {
      playing = false
      tell()
    },
    async reset() {
      slack.clear()
    },
    status: () => (playing ? { playing: { id: 'disk', speed: 'fast', clock: '12:04:31', sent: 7, total: 12 } } : {}),
    incidents: async () => [
      {
        id: 'inc-1',
        title: 'Checkout is failing',
        status: 'open',
        severity: 'SEV-1',
        openedAt: '2026-03-01T12:00:00Z',
        timeline: [{ at: '2026-03-01T12:00:00Z', kind: 'opened', text: 'The disk is full' }],
      },
    ],
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

beforeEach(async () => {
  played = []
  app = await listenAsApp()
  slack = createSlack({
    token: 'xoxb-test',
    signingSecret: 'secret',
    interactivityUrl: () => app.url,
    channels: [{ id: CHANNEL, name: 'ops-alerts' }],
    messagesPerSecond: Infinity,
  })
  served = await servePage({ slack, stage: fakeStage(), port: 0, host: '127.0.0.1' })
  client = new WebClient('xoxb-test', {
    slackApiUrl: `${served.url}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
  })
  ts =
    (await client.chat.postMessage({ channel: CHANNEL, text: 'Checkout is failing', blocks: message('open') })).ts ?? ''
  await client.chat.postMessage({ channel: CHANNEL, thread_ts: ts, text: 'errors joined' })
})

afterEach(async () => {
  await served.close()
  await app.close()
})

const withBrowser = CHROMIUM ? describe : describe.skip

withBrowser('the page', () => {
  let browser: Browser
  let page: Page
  let broken: string[]

  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  beforeEach(async () => {
    broken = []
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.setDefaultTimeout(10_000)
    page.on('pageerror', (error) => broken.push(error.message))
    page.on('console', (said) => said.type() === 'error' && broken.push(said.text()))
    await page.goto(served.url)
    await page.waitForSelector(`[data-ts="${ts}"]`)
  })
  afterEach(async () => {
    await page.close()
    expect(broken).toEqual([])
  })

  const press = (actionId: string) => page.click(`.channel [data-action-id="${actionId}"]`)
  const shows = (words: string, within = '.channel') => page.locator(within).getByText(words).first().waitFor()
  const last = () => app.received.at(-1)!.payload
  const until = async (met: () => boolean) => {
    for (let tries = 0; !met() && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(met()).toBe(true)
  }

  test('a button is pending at once, and the edited message takes its place', async () => {
    let release = () => {}
    app.answer = () => new Promise<void>((resolve) => (release = resolve))
    await press('acknowledge')
    await page.waitForSelector('[data-pending] [data-action-id="acknowledge"][aria-busy="true"]')
    await client.chat.update({ channel: CHANNEL, ts, text: 'x', blocks: message('acknowledged by <@U0ANA>') })
    release()
    await shows('@Ana')
    await shows('(edited)')
    await page.waitForSelector('.fresh')
    expect(await page.locator('[data-pending]').count()).toBe(0)
    expect(last()).toMatchObject({ user: { id: 'U0ANA' }, actions: [{ action_id: 'acknowledge', value: 'inc-1' }] })
  })

  test('times keep their colons, comparisons their spaces', async () => {
    const drawn = await page.locator('.channel .blocks').first().textContent()
    expect(drawn).toContain('since 12:02:10, 3.1 GiB > 3 GiB')
  })

  test('a failing app is told beside the button', async () => {
    app.answer = () => 500
    await press('acknowledge')
    await shows('This app responded with Status Code 500.')
    expect(await page.locator('[data-pending]').count()).toBe(0)
  })

  test('a select menu works by keyboard', async () => {
    await page.focus('[data-action-id="snooze"]')
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key)
    await until(() => app.received.length === 1)
    expect(last().actions[0]).toMatchObject({ action_id: 'snooze', selected_option: { value: '3600' } })
  })

  test('an overflow menu sends its option', async () => {
    await press('more')
    await page.click('[role="option"][data-value="flap"]')
    await until(() => app.received.length === 1)
    expect(last().actions[0]).toMatchObject({ type: 'overflow', selected_option: { value: 'flap' } })
  })

  test('a confirm dialog asks first', async () => {
    await press('resolve')
    await shows('Two alarms still fire.', '[role="dialog"]')
    await page.keyboard.press('Escape')
    expect(app.received).toHaveLength(0)
    await press('resolve')
    await page.click('[role="dialog"] [data-first]')
    await until(() => app.received.length === 1)
    expect(last().actions[0]?.action_id).toBe('resolve')
  })

  test('a modal opens, shows its errors, and is submitted', async () => {
    app.answer = ({ type, trigger_id }) =>
      type === 'block_actions' ? client.views.open({ trigger_id, view: modal }).then(() => undefined) : undefined
    await press('split')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Move').click()
    await shows('Please complete this required field.', '[role="dialog"]')
    await dialog.getByLabel('disk', { exact: true }).check()
    await dialog.getByLabel('New incident').check()
    await dialog.locator('[data-action-id="s"]').click()
    await page.click('[role="option"][data-value="errors"]')
    await dialog.locator('[data-action-id="t"]').fill('another host')
    app.answer = () => ({ response_action: 'errors', errors: { service: 'errors has no such alarm' } })
    await dialog.getByText('Move').click()
    await shows('errors has no such alarm', '[role="dialog"]')
    app.answer = () => undefined
    await dialog.getByText('Move').click()
    await dialog.waitFor({ state: 'detached' })
    expect(last().view.state.values).toMatchObject({
      alarms: { a: { selected_options: [{ value: 'disk' }] } },
      to: { r: { selected_option: { value: 'new' } } },
      service: { s: { selected_option: { value: 'errors' } } },
      why: { t: { value: 'another host' } },
    })
  })

  test('a thread opens, takes a reply, and closes', async () => {
    await page.click('[data-thread]')
    const thread = '[data-panel="thread"]'
    await shows('errors joined', thread)
    await page.fill(`${thread} textarea`, 'I look at <the> disk')
    await page.keyboard.press('Enter')
    await shows('I look at <the> disk', thread)
    await page.click('[aria-label="Close thread"]')
    await shows('2 replies')
    expect(slack.snapshot().messages.at(-1)).toMatchObject({ user: 'U0ANA', thread_ts: ts })
  })

  test('an ephemeral message is seen by its person only', async () => {
    await client.chat.postEphemeral({ channel: CHANNEL, user: 'U0BEN', text: 'Ana was first' })
    await page.waitForTimeout(300)
    expect(await page.getByText('Ana was first').count()).toBe(0)
    await page.click('[data-user="U0BEN"]')
    await shows('Only visible to you')
    await shows('Ana was first')
    await press('acknowledge')
    await until(() => app.received.length === 1)
    expect(last().user.id).toBe('U0BEN')
  })

  test('scenarios play, stop and show their status and timeline', async () => {
    await shows('The disk is full', '[data-panel="timeline"]')
    await page.click('[data-scenario="disk"][data-speed="fast"]')
    await shows('7 of 12 alarms', '[data-panel="status"]')
    expect(played).toEqual(['disk fast'])
    await page.click('[data-stage="stop"]')
    await shows('Nothing is playing', '[data-panel="status"]')
    await page.click('[data-stage="refuse"]')
    await shows('Slack refuses the next 3', '.behind')
    await expect(client.chat.update({ channel: CHANNEL, ts, text: 'x' })).rejects.toThrow(/rate/i)
    await page.waitForSelector('[data-count="refused"] >> text=1')
  })

  test('on a phone one tab shows at a time, and nothing is wider than the screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    const isVisible = (part: string) => page.locator(part).isVisible()
    expect([await isVisible('.channel'), await isVisible('.behind')]).toEqual([true, false])
    await page.click('[data-tab="behind"]')
    expect([await isVisible('.channel'), await isVisible('.behind')]).toEqual([false, true])
    expect(await isVisible('[data-user="U0GUS"]')).toBe(true)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })
})

describe('the server', () => {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(served.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })

  /** fetch does not allow setting Host. */
  const statusFor = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(served.url, { headers: { host } }, (res) => resolve(res.resume().statusCode))
        .on('error', reject)
        .end()
    })

  test.each([
    ['no JSON', '/ui/say', '{', 400, 'The body is not a JSON object.'],
    ['a missing field', '/ui/say', { userId: 'U0ANA', channel: CHANNEL }, 400, 'A message needs text as text.'],
    ['no such channel', '/ui/say', { userId: 'U0ANA', channel: 'C0X', text: 'x' }, 400, /does not exist/],
    ['no such scenario', '/ui/play', { id: 'flood', speed: 'fast' }, 400, 'There is no such scenario.'],
    ['no such speed', '/ui/play', { id: 'disk', speed: 'slow' }, 400, /"real" or "fast"/],
    ['more than 1 MB', '/ui/say', { text: 'x'.repeat(1024 * 1024) }, 400, 'The body is larger than 1 MB.'],
    ['no such order', '/ui/constructor', {}, 404, 'There is nothing here.'],
  ])('%s is answered with one sentence', async (_what, path, body, status, error) => {
    const response = await post(path, body)
    expect(response.status).toBe(status)
    expect(((await response.json()) as { error: string }).error).toMatch(error)
  })

  test('another site cannot use it', async () => {
    expect((await post('/ui/reset', {}, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await post('/ui/reset', {}, { 'content-type': 'text/plain' })).status).toBe(400)
    expect(await statusFor('evil.example')).toBe(403)
    expect(await statusFor('localhost:4179')).toBe(200)
  })

  test('a taken port is named, with the way out', async () => {
    const port = Number(new URL(served.url).port)
    await expect(servePage({ slack, stage: fakeStage(), port, host: '127.0.0.1' })).rejects.toThrow(
      `Port ${port} is taken on 127.0.0.1; choose another one, for example PORT=${port + 1} npm start.`,
    )
  })

  test('an unknown person has no events', async () => {
    expect((await fetch(`${served.url}/events?user=U0X`)).status).toBe(400)
  })
})
