// A click that Slack signed: what is believed of it, and what the person learns when Slack does not play along.
import { createHmac } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { respond } from '../../lambda/stages/respond.ts'
import { world, type World } from '../../replay/world.ts'
import { at } from '../support/alarms.ts'
import { fires, until } from '../support/told.ts'

const SECRET = 'shared with Slack'
const HOME = { app: 'A1', team: 'T1' }
const config = checkConfig({ slack: { channel: '#ops' }, services: { api: {} } })

interface Open {
  played: World
  whispers: string[]
  logged: string[]
  press(action: string, more?: object, value?: object): Promise<number>
  status(): Promise<string | undefined>
}

/** An incident is open; whoever clicks is Ana, in the workspace of Tocsin. */
async function opened(more: (runtime: Runtime) => Partial<Runtime> = () => ({})): Promise<Open> {
  const played = world(config, at(0))
  fires(played, 1, 'api')
  await until(played, 10)
  const whispers: string[] = []
  const logged: string[] = []
  const runtime: Runtime = {
    ...played.runtime,
    secrets: { connection: async () => ({ signingSecrets: [SECRET], installation: HOME }) },
    dialogs: { open: async () => undefined, whisper: async (_, text) => void whispers.push(text) },
    log: (_, message) => void logged.push(message),
    ...more(played.runtime),
  }
  return {
    played,
    whispers,
    logged,
    async press(action, payload = {}, value = {}) {
      const rawBody = new URLSearchParams({
        payload: JSON.stringify({
          type: 'block_actions',
          user: { id: 'U0ANA', name: 'ana', team_id: 'T1' },
          team: { id: 'T1' },
          api_app_id: 'A1',
          response_url: 'https://hooks.slack.com/actions/T1/1/x',
          trigger_id: '1.2.3',
          actions: [{ action_id: action, block_id: 'incident:INC-0001', ...value }],
          ...payload,
        }),
      }).toString()
      const timestamp = String(Math.floor(played.clock.now() / 1000))
      const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${timestamp}:${rawBody}`).digest('hex')}`
      const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature }
      return (await respond(runtime, { headers, rawBody })).statusCode
    },
    status: async () => (await readBoard(played.table)).incidents['INC-0001']?.status,
  }
}

describe('behind a right signature', () => {
  test.each<[string, object, number, string]>([
    ['a click of this installation acts', {}, 200, 'acknowledged'],
    ['a click of another app does not', { api_app_id: 'A2' }, 403, 'open'],
    ['nor one of another workspace', { team: { id: 'T2' } }, 403, 'open'],
    [
      'that of a partner in a shared channel does',
      { team: { id: 'T2' }, user: { id: 'U0PAT', name: 'pat', team_id: 'T2' } },
      200,
      'acknowledged',
    ],
    ['an app that is installed in a whole organization names no workspace', { team: null }, 200, 'acknowledged'],
    ['a user without an id does nothing', { user: {} }, 200, 'open'],
    ['nor does one whose id is none', { user: { id: '<!channel>' } }, 200, 'open'],
    ['nor one whose id is too long', { user: { id: 'U'.repeat(65) } }, 200, 'open'],
  ])('%s', async (_, payload, code, status) => {
    const given = await opened()
    expect(await given.press('acknowledge', payload)).toBe(code)
    expect(await given.status()).toBe(status)
  })

  test('a partner is known as one', async () => {
    const given = await opened()
    await given.press('acknowledge', { team: { id: 'T2' }, user: { id: 'U0PAT', name: 'pat', team_id: 'T2' } })
    const { acknowledged } = (await readBoard(given.played.table)).incidents['INC-0001']!
    expect(acknowledged!.by).toEqual({ id: 'U0PAT', name: 'pat (of another workspace)' })
  })

  test.each([
    ['a block', { block_id: `incident:INC-0001:${'x'.repeat(300)}` }],
    ['an incident', { block_id: 'incident:INC-00001234567' }],
    ['an action', { action_id: 'constructor' }],
  ])('%s that is none of ours does nothing', async (_, value) => {
    const given = await opened()
    expect(await given.press('acknowledge', {}, value)).toBe(200)
    expect(await given.status()).toBe('open')
  })
})

describe('a click', () => {
  const CLICKED = 1_772_330_420
  const atSecond = (second: number): object => ({ action_ts: `${CLICKED + second}.000100` })

  test('that is sent again undoes nothing', async () => {
    const given = await opened()
    await given.press('acknowledge', {}, atSecond(1))
    await given.press('unacknowledge', {}, atSecond(2))
    await given.press('acknowledge', {}, atSecond(3))
    await given.press('unacknowledge', {}, atSecond(2))
    expect(await given.status()).toBe('acknowledged')
    await given.press('acknowledge', {}, atSecond(3))
    expect(given.whispers).toEqual([
      'You have changed INC-0001 since you clicked: please look again.',
      expect.stringMatching(/^You have acknowledged it already, at /),
    ])
  })

  test('that is older than what somebody else has done since does nothing, and says so', async () => {
    const given = await opened()
    await given.press('resolve', {}, atSecond(5))
    await given.press('reopen', { user: { id: 'U0BEN', name: 'ben', team_id: 'T1' } }, atSecond(4))
    expect([await given.status(), given.whispers]).toEqual([
      'resolved',
      ['ana has changed INC-0001 since you clicked: please look again.'],
    ])
  })

  test('that is sent again, and would be right again by now, does nothing all the same', async () => {
    const given = await opened()
    await given.press('acknowledge', {}, atSecond(1))
    await given.press('unacknowledge', {}, {})
    await given.press('acknowledge', {}, atSecond(1))
    expect([await given.status(), given.whispers]).toEqual([
      'open',
      ['That click is done already: please look at INC-0001 as it is now.'],
    ])
  })

  test('that did nothing makes no other one old', async () => {
    const given = await opened()
    await given.press('unacknowledge', {}, atSecond(5))
    await given.press('acknowledge', {}, atSecond(4))
    expect(await given.status()).toBe('acknowledged')
  })
})

describe('a courtesy that fails never fails the click', () => {
  test('nobody takes the answer', async () => {
    const given = await opened(() => ({
      dialogs: { open: async () => undefined, whisper: () => Promise.reject(new Error('404')) },
    }))
    await given.press('acknowledge')
    expect(await given.press('acknowledge')).toBe(200)
    expect(given.logged).toContain('a person could not be told')
  })

  test('the dialog does not open: nothing is done, and the person is told', async () => {
    const whispers: string[] = []
    const given = await opened(() => ({
      dialogs: {
        open: () => Promise.reject(new Error('expired_trigger_id')),
        whisper: async (_, text) => void whispers.push(text),
      },
    }))
    expect(await given.press('unrelated')).toBe(200)
    expect(whispers).toEqual(['Slack did not open the dialog, and nothing was done: please click again.'])
    expect(given.logged).toContain('a dialog could not be opened')
  })

  const limited = (runtime: Runtime): Partial<Runtime> => ({
    people: { isIn: () => Promise.reject(new Error('ratelimited')), isFullMember: runtime.people.isFullMember },
    rules: { ...runtime.rules, config: { ...config, slack: { ...config.slack, approvers: ['S0OPS'] } } },
  })

  test.each([
    ['stop-all', 'Stopped', []],
    [
      'start-all',
      '',
      [
        'Slack does not say just now whether you may decide on runbooks, and nothing was done: please try again in a moment.',
      ],
    ],
  ])('Slack does not say who is in a group: %s', async (action, _, told) => {
    const given = await opened(limited)
    expect(await given.press(action, {}, { value: 'r' })).toBe(200)
    expect(given.whispers).toEqual(told)
    const { remediation } = await readBoard(given.played.table)
    expect(remediation?.stopped !== undefined).toBe(action === 'stop-all')
  })
})
