// What the README promises, to the end: an incident from its first alarm to its last, and a queue that one click relieves. These wait for their worlds.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { inChannel, open, play, press, reset, shows, withBrowser, type Opened } from './open-page.ts'

withBrowser('the page that npm start opens', () => {
  let opened: Opened
  beforeAll(async () => void (opened = await open()))
  afterAll(() => opened.close())
  beforeEach(() => reset(opened.page))

  test('shows one message in the channel of each team, that only changes, turns when it is acknowledged, and resolves when all recovers', async () => {
    const { page } = opened
    await play(page)
    await shows(page, 'Message broker')
    await shows(page, '3.8 of 4 GiB free')
    await press(page, 'acknowledge')
    await shows(page, 'acknowledged')
    await shows(page, '@Ana')
    await shows(page, 'Studio web')
    await page.waitForSelector('[data-panel="timeline"] [data-kind="resolved"]', { timeout: 120_000 })
    await shows(page, 'resolved')
    const messages = page.locator('[role=log] > * [data-ts], [role=log] > [data-ts]')
    expect(await messages.count()).toBe(1)
    expect(await page.locator('[data-count="posts"]').innerText()).toMatch(/^2\b/)
    await inChannel(page, 'studio')
    await shows(page, 'E-mail sender')
    await shows(page, 'resolved')
    expect(await messages.count()).toBe(1)
    await page.click('[role=log] a:has-text("INC-0001")')
    await shows(page, 'Reopen')
    expect(await page.locator('[data-count="refused"]').innerText()).toMatch(/^0\b/)
  }, 150_000)

  test('a queue that backs up is relieved by one click: the proposal, the steps, the curves, the end', async () => {
    const { page } = opened
    await page.click('[data-world="broker-queue-backlog"][data-manner="suggest"]')
    await page.waitForSelector('[data-health="ill"]', { timeout: 60_000 })
    await page.waitForSelector('.messages [data-action-id="approve"]', { timeout: 60_000 })
    await press(page, 'details')
    await page.locator('[role="dialog"]', { hasText: 's3:PutObject' }).waitFor()
    await page.click('[role="dialog"] button:has-text("Close")')
    await press(page, 'approve')
    const question = await page.locator('[role="dialog"]').innerText()
    // What is taken, what is refused from then on, and how it comes back: whole.
    for (const said of ['messages of campaign-jobs', 'those that do not lose the message', 'Take the limit off'])
      expect(question).toContain(said)
    expect(question).not.toContain('…')
    await page.click('[role="dialog"] button:has-text("Approve")')
    await shows(page, 'approved by')
    await page.waitForSelector('[data-mark="helped"]', { timeout: 90_000 })
    await shows(page, 'helped')
    await page.waitForSelector('[data-health="well"]')
    // Relief is not the end.
    await shows(page, 'mitigated')
    await shows(page, 'bring a consumer of campaign-jobs back')
    await press(page, 'do-left:limit')
    await page.click('[role="dialog"] button:has-text("Do it")')
    await page.waitForFunction(
      () => !document.querySelector('[role=log] [data-ts]')!.textContent.includes('take the limit off'),
      undefined,
      { timeout: 30_000 },
    )
    expect(await page.locator('[data-curve]').count()).toBeGreaterThan(2)
  }, 240_000)
})
