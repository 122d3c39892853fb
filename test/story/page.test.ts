// What the README promises, done as a person does it: start it, open the page, play an incident, press every button.
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { inChannel, open, play, press, reset, shows, withBrowser, type Opened } from './open-page.ts'

// Each edit waits for Slack's pace, and a browser beside other tests for the processor.
jest.setTimeout(120_000)

withBrowser('the page that npm start opens', () => {
  let opened: Opened
  beforeAll(async () => void (opened = await open()))
  afterAll(() => opened.close())
  beforeEach(() => reset(opened.page))

  test('Unacknowledge gives it back', async () => {
    const { page } = opened
    await play(page)
    await press(page, 'acknowledge')
    await shows(page, 'acknowledged')
    await press(page, 'unacknowledge')
    await shows(page, 'nobody yet')
  })

  test('a second person is told who was first', async () => {
    const { page, browser, url } = opened
    await play(page)
    const second = await browser.newPage()
    await second.goto(url)
    await second.click('[data-user="U0BEN"]')
    // What joins later would move the buttons while they are pressed.
    await Promise.all([shows(page, 'E-mail sender'), shows(second, 'E-mail sender')])
    // Both clicks leave together, however slow this machine is: one is first, the other is told.
    const leaving: (() => Promise<void>)[] = []
    for (const one of [page, second])
      await one.route('**/ui/act', (route) => {
        leaving.push(() => route.continue())
        if (leaving.length === 2) void Promise.all(leaving.map((leave) => leave()))
      })
    try {
      await Promise.all([press(page, 'acknowledge'), press(second, 'acknowledge')])
      const told = (p: Page) => p.getByText('has acknowledged it already').waitFor()
      await Promise.any([told(page), told(second)])
    } finally {
      await page.unroute('**/ui/act')
      await second.close()
    }
  })

  test('Snooze offers four lengths, and End snooze ends it', async () => {
    const { page } = opened
    await play(page)
    // A new service would break the snooze: the last one joins before.
    await shows(page, 'E-mail sender')
    for (const length of ['15m', '1h', '4h', 'morning']) {
      await press(page, 'snooze')
      await page.click(`[role="option"][data-value="${length}"]`)
      await shows(page, 'snoozed by')
      await press(page, 'wake')
      await shows(page, 'nobody yet')
    }
  })

  test('Resolve ends it, and Reopen brings it back', async () => {
    const { page } = opened
    await play(page)
    // One more alarm would bring it back before anybody sees that it was resolved.
    await page.click('[data-stage="stop"]')
    await press(page, 'resolve')
    // Its alarms still fire: it asks.
    await page.locator('[role="dialog"] button', { hasText: 'Resolve' }).click()
    await shows(page, 'resolved by')
    await press(page, 'reopen')
    await shows(page, 'nobody yet')
  })

  test('Not related takes a service out into an incident of its own', async () => {
    const { page } = opened
    await play(page)
    await shows(page, 'Studio API')
    await press(page, 'unrelated')
    await page.locator('[role="dialog"] [role="combobox"]').click()
    await page.locator('[role="option"]', { hasText: 'Studio API' }).click()
    await page.locator('[role="dialog"] button', { hasText: 'Take it out' }).click()
    await inChannel(page, 'studio')
    await page.locator('[role=log] [data-ts]', { hasText: 'INC-0002' }).waitFor()
    await page.waitForSelector('[data-incident="INC-0002"]')
  })

  test('when Slack refuses, nothing is lost: the message comes when it may', async () => {
    const { page } = opened
    await page.click('[data-stage="refuse"]')
    await page.click('[data-scenario="connection-timeout"][data-speed="fast"]')
    await shows(page, 'Athena')
    expect(await page.locator('[data-count="refused"]').innerText()).not.toMatch(/^0\b/)
  })
})
