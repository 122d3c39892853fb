// Clicks during a replay, and the mistakes that a file of them may contain.
import type { Story } from '../../../replay/replay.ts'
import { alarmLine, at, CONFIG } from '../events.ts'
import { folder, type Folder, type Ran } from '../cli.ts'

let dir: Folder
beforeAll(async () => {
  dir = await folder()
})
afterAll(() => dir.remove())

const EVENTS = [
  alarmLine('api/errors', 'ALARM', 0),
  alarmLine('db/latency', 'ALARM', 1),
  alarmLine('lonely', 'ALARM', 2),
].join('\n')

const run = async (actions: unknown): Promise<Ran> => {
  const [config, events] = [await dir.write('config.json', CONFIG), await dir.write('events.jsonl', EVENTS)]
  const file = await dir.write('actions.json', actions)
  return dir.run('replay', '--config', config, '--events', events, '--actions', file, '--json')
}

const after = async (...actions: object[]): Promise<Story['incidents']> => {
  const { code, stdout, stderr } = await run(actions)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return (JSON.parse(stdout) as Story).incidents
}

const click = (action: string, more: object = {}): object => ({
  at: at(5),
  user: 'Ana',
  action,
  incident: 'INC-0001',
  ...more,
})

describe('a click', () => {
  test.each<[string, object[], object]>([
    ['acknowledge', [click('acknowledge')], { status: 'acknowledged', acknowledgedAt: at(5) }],
    ['resolve', [click('resolve')], { status: 'resolved', resolvedAt: at(5) }],
    [
      'acknowledge and give back',
      [click('acknowledge'), click('unacknowledge', { at: at(6) })],
      { status: 'open', acknowledgedAt: null },
    ],
    ['resolve and reopen', [click('resolve'), click('reopen', { at: at(6) })], { status: 'open', resolvedAt: null }],
    ['a time in seconds', [click('acknowledge', { at: Date.parse(at(5)) / 1000 })], { acknowledgedAt: at(5) }],
    ['in any order in the file', [click('unacknowledge', { at: at(6) }), click('acknowledge')], { status: 'open' }],
  ])('%s', async (_, actions, expected) => {
    const [first] = await after(...actions)
    expect(first).toMatchObject({ id: 'INC-0001', ...expected })
  })

  test.each([
    ['before anything happened', click('acknowledge', { at: at(-5) })],
    ['on an incident that is not there', click('acknowledge', { incident: 'INC-9999' })],
  ])('%s does nothing, and says so', async (_, action) => {
    const { code, stdout, stderr } = await run([action])
    expect(stderr).toContain('found no incident to act on')
    expect(code).toBe(0)
    expect((JSON.parse(stdout) as Story).incidents[0]).toMatchObject({ id: 'INC-0001', status: 'open' })
  })

  test.each<[string, object, string]>([
    ['for a while', { choice: '4h' }, 'Snoozed by Ana until 18:05 UTC'],
    ['in one word', { action: 'snooze:15m' }, 'Snoozed by Ana until 14:20 UTC'],
    ['without a time: an hour', {}, 'Snoozed by Ana until 15:05 UTC'],
    ['until morning', { choice: 'morning' }, 'Snoozed by Ana until 08:00 UTC'],
  ])('snooze %s, and it wakes by itself', async (_, more, text) => {
    const [first] = await after(click('snooze', more))
    expect(first!.timeline.map((entry) => entry.text)).toContain(text)
    expect(first!.timeline.at(-1)).toMatchObject({ kind: 'woke' })
  })

  test('without an incident is for the newest that is open', async () => {
    const incidents = await after({ at: at(5), user: 'Ana', action: 'acknowledge' })
    expect(incidents.map(({ id, status }) => `${id} ${status}`)).toEqual(['INC-0001 open', 'INC-0002 acknowledged'])
  })

  test('not related takes a service out', async () => {
    const incidents = await after(click('unrelated', { choice: 'db' }))
    expect(incidents.map(({ services }) => services.join()).sort()).toEqual(['api', 'db', 'lonely'])
  })

  test('twice acts once', async () => {
    const [first] = await after(click('acknowledge'), click('acknowledge', { user: 'Ben' }))
    expect(first!.timeline.filter(({ kind }) => kind === 'acknowledged').map(({ text }) => text)).toEqual([
      'Acknowledged by Ana',
    ])
  })
})

describe('a mistake in the file says where', () => {
  test.each<[string, unknown, string[]]>([
    ['no JSON', '[{', ['actions.json is not JSON']],
    ['no list', { at: at(1) }, ['actions.json must hold a list']],
    [
      'an entry that is nothing',
      [null],
      ['has 3 mistakes', '[0].at: must be a time', '[0].user: must be a name', '[0].action: must be one of'],
    ],
    ['a time in words', [click('acknowledge', { at: 'noon' })], ['has a mistake', '[0].at: must be a time']],
    ['nobody', [click('acknowledge', { user: '' })], ['[0].user: must be a name']],
    [
      'an unknown action',
      [click('acknowledge'), click('dance')],
      ['[1].action: must be one of acknowledge, unacknowledge, snooze'],
    ],
    [
      'an incident that is no text',
      [click('acknowledge', { incident: 1 })],
      ['[0].incident: must be the id of an incident'],
    ],
    ['an unknown time to snooze', [click('snooze', { choice: '2d' })], ['[0].choice', '15m, 1h, 4h, morning']],
    ['a choice that is no text', [click('unrelated', { choice: 5 })], ['[0].choice']],
    ['no service to take out', [click('unrelated')], ['[0].choice']],
  ])('%s', async (_, actions, words) => {
    const { code, stdout, stderr } = await run(actions)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    for (const word of words) expect(stderr).toContain(word)
  })

  test('a file that is not there', async () => {
    const config = await dir.write('config.json', CONFIG)
    const { code, stderr } = await dir.run(
      'replay',
      '--config',
      config,
      '--events',
      config,
      '--actions',
      'nowhere.json',
    )
    expect([code, stderr]).toEqual([2, 'tocsin: there is no file nowhere.json\n'])
  })
})
