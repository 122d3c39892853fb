// What the README promises, done as a person does it: start it, open the page, play an incident, press every button.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { chromium, type Browser, type Page } from 'playwright-core'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** On a machine without a browser these stories are told by the other tests, without the page. */
const withBrowser = existsSync(CHROMIUM) ? describe : describe.skip
if (!existsSync(CHROMIUM)) console.warn(`no browser at ${CHROMIUM}: the page is not tested; set CHROMIUM to one`)

withBrowser('the page that npm start opens', () => {
  let app: ChildProcess
  let browser: Browser
  let page: Page
  let url: string

  beforeAll(async () => {
    app = spawn(process.execPath, ['local/main.ts'], {
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    url = await new Promise<string>((resolve, reject) => {
      app.stdout!.on('data', (chunk: Buffer) => {
        const found = /http:\/\/\S+/.exec(chunk.toString())?.[0]
        if (found !== undefined) resolve(found)
      })
      app.on('exit', (code) => reject(new Error(`npm start ended with ${code}`)))
    })
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
    page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
    page.setDefaultTimeout(20_000)
    await page.goto(url)
  })

  afterAll(async () => {
    await browser.close()
    const ended = new Promise((resolve) => app.on('exit', resolve))
    app.kill('SIGINT')
    expect(await ended).toBe(0)
  })

  const press = (action: string) => page.click(`.messages [data-action-id="${action}"]`)
  const message = () => page.locator('[role=log] [data-ts]').first()
  const shows = (text: string) => message().filter({ hasText: text }).waitFor()
  const become = (user: string) => page.click(`[data-user="${user}"]`)
  const play = async () => {
    await page.click('[data-scenario="broker-queue-backlog"][data-speed="fast"]')
    await message().waitFor()
  }
  const joined = (service: string) => shows(service)

  beforeEach(async () => {
    await page.click('[data-stage="reset"]')
    await page.waitForFunction(() => document.querySelectorAll('[role=log] [data-ts]').length === 0)
    await become('U0ANA')
  })

  test('shows one message that only changes, turns when it is acknowledged, and resolves when everything recovers', async () => {
    await play()
    await shows('Message broker')
    await shows('3.8 of 4 GiB free')
    await press('acknowledge')
    await shows('acknowledged')
    await shows('@Ana')
    await joined('Studio web')
    await page.waitForSelector('[data-panel="timeline"] [data-kind="resolved"]', { timeout: 120_000 })
    await shows('resolved')
    expect(await page.locator('[role=log] > * [data-ts], [role=log] > [data-ts]').count()).toBe(1)
    expect(await page.locator('[data-count="posts"]').innerText()).toMatch(/^1\b/)
    expect(await page.locator('[data-count="refused"]').innerText()).toMatch(/^0\b/)
  }, 150_000)

  test('a queue that backs up is relieved by one click: the proposal, the steps, the curves, the end', async () => {
    await page.click('[data-world="broker-queue-backlog"][data-manner="suggest"]')
    await page.waitForSelector('[data-health="ill"]', { timeout: 60_000 })
    await page.waitForSelector('.messages [data-action-id="approve"]', { timeout: 60_000 })
    await shows('s3:PutObject')
    await press('approve')
    await page.click('[role="dialog"] button:has-text("Approve")')
    await shows('approved by')
    await page.waitForSelector('[data-mark="helped"]', { timeout: 90_000 })
    await shows('helped')
    await page.waitForSelector('[data-health="well"]')
    expect(await page.locator('[data-curve]').count()).toBeGreaterThan(2)
  }, 240_000)

  test('Unacknowledge gives it back', async () => {
    await play()
    await press('acknowledge')
    await shows('acknowledged')
    await press('unacknowledge')
    await shows('nobody yet')
  })

  test('a second person is told who was first', async () => {
    await play()
    const second = await browser.newPage()
    await second.goto(url)
    await second.click('[data-user="U0BEN"]')
    const button = second.locator('.messages [data-action-id="acknowledge"]')
    await button.waitFor()
    // Both press before either sees the other's: one is first, the other is told.
    await Promise.all([press('acknowledge'), button.click()])
    const told = (p: Page) => p.getByText('has acknowledged it already').waitFor()
    await Promise.any([told(page), told(second)])
    await second.close()
  })

  test('Snooze offers four lengths, and End snooze ends it', async () => {
    await play()
    // A new service would break the snooze: the last one joins before.
    await joined('E-mail sender')
    for (const length of ['15m', '1h', '4h', 'morning']) {
      await press('snooze')
      await page.click(`[role="option"][data-value="${length}"]`)
      await shows('snoozed by')
      await press('wake')
      await shows('nobody yet')
    }
  })

  test('Resolve ends it, and Reopen brings it back', async () => {
    await play()
    await press('resolve')
    await shows('resolved by')
    await press('reopen')
    await shows('nobody yet')
  })

  test('Not related takes a service out into an incident of its own', async () => {
    await play()
    await joined('Studio API')
    await press('unrelated')
    await page.locator('[role="dialog"] [role="combobox"]').click()
    await page.locator('[role="option"]', { hasText: 'Studio API' }).click()
    await page.locator('[role="dialog"] button', { hasText: 'Take it out' }).click()
    await page.locator('[role=log] [data-ts]', { hasText: 'INC-0002' }).waitFor()
    await page.waitForSelector('[data-incident="INC-0002"]')
  })

  test('when Slack refuses, nothing is lost: the message comes when it may', async () => {
    await page.click('[data-stage="refuse"]')
    await page.click('[data-scenario="connection-timeout"][data-speed="fast"]')
    await shows('Athena')
    expect(await page.locator('[data-count="refused"]').innerText()).not.toMatch(/^0\b/)
  })
})
