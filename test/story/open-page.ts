// Starts Tocsin as `npm start` does and opens its page in a browser, for the stories that are told by clicking.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect } from '@jest/globals'
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

/** On a machine without a browser the other tests tell these stories, without the page. */
export const withBrowser = existsSync(CHROMIUM) ? describe : describe.skip
if (!existsSync(CHROMIUM)) console.warn(`no browser at ${CHROMIUM}: the page is not tested; set CHROMIUM to one`)

export interface Opened {
  url: string
  browser: Browser
  page: Page
  close(): Promise<void>
}

export async function open(): Promise<Opened> {
  const app = spawn(process.execPath, ['local/main.ts'], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    app.stdout.on('data', (chunk: Buffer) => {
      const found = /http:\/\/\S+/.exec(chunk.toString())?.[0]
      if (found !== undefined) resolve(found)
    })
    app.on('exit', (code) => reject(new Error(`npm start ended with ${code}`)))
  })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
  page.setDefaultTimeout(20_000)
  await page.goto(url)
  return {
    url,
    browser,
    page,
    async close() {
      await browser.close()
      const ended = new Promise((resolve) => app.on('exit', resolve))
      app.kill('SIGINT')
      expect(await ended).toBe(0)
    },
  }
}

const message = (page: Page) => page.locator('[role=log] [data-ts]').first()

export const press = (page: Page, action: string) => page.click(`.messages [data-action-id="${action}"]`)
export const shows = (page: Page, text: string) => message(page).filter({ hasText: text }).waitFor()

/** Goes to another channel of the workspace. */
export const inChannel = (page: Page, name: string) =>
  page.locator(`[data-channel="C0${name.toUpperCase()}"]:visible`).click()

export async function play(page: Page): Promise<void> {
  await page.click('[data-scenario="broker-queue-backlog"][data-speed="fast"]')
  await message(page).waitFor()
}

/** Nothing has happened yet, and Ana is at the page. */
export async function reset(page: Page): Promise<void> {
  await page.click('[data-stage="reset"]')
  await page.waitForFunction(() => document.querySelectorAll('[role=log] [data-ts]').length === 0)
  await page.click('[data-user="U0ANA"]')
  await inChannel(page, 'platform')
}
