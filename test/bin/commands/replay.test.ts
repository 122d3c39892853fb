// `tocsin replay` as a person or a script sees it: what it prints, its exit code, and what it says when it could not run.
import type { Story } from '../../../replay/replay.ts'
import { alarmLine, CONFIG } from '../events.ts'
import { folder, type Folder, type Ran } from '../cli.ts'

let dir: Folder
let config: string
beforeAll(async () => {
  dir = await folder()
  config = await dir.write('config.json', CONFIG)
})
afterAll(() => dir.remove())

const replay = async (events: string, ...more: string[]): Promise<Ran> =>
  dir.run('replay', '--config', config, '--events', await dir.write('events.jsonl', events), ...more)

const storyOf = async (events: string, ...more: string[]): Promise<Story> => {
  const { code, stdout, stderr } = await replay(events, '--json', ...more)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Story
}

const INCIDENT = [
  alarmLine('api/errors', 'ALARM', 0),
  alarmLine('db/latency', 'ALARM', 1),
  alarmLine('api/errors', 'OK', 10),
  alarmLine('db/latency', 'OK', 11),
].join('\n')

describe('a replay', () => {
  test('as JSON prints one object, and nothing else', async () => {
    const { code, stdout, stderr } = await replay(INCIDENT, '--json')
    expect({ code, stderr, lines: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, stderr: '', lines: 1 })
    expect(Object.keys(JSON.parse(stdout) as Story).sort()).toEqual(
      ['accepted', 'alarmToIncident', 'ignored', 'incidents', 'notes', 'slack', 'unreadable'].sort(),
    )
  })

  test('tells the incident, its cause, and what Slack would have got', async () => {
    const story = await storyOf(INCIDENT)
    expect(story.accepted).toBe(4)
    expect(story.alarmToIncident).toEqual({ 1: 'INC-0001', 2: 'INC-0001', 3: 'INC-0001', 4: 'INC-0001' })
    expect(story.incidents).toHaveLength(1)
    expect(story.incidents[0]).toMatchObject({
      id: 'INC-0001',
      status: 'resolved',
      openedAt: '2024-05-02T14:00:00.000Z',
      resolvedAt: '2024-05-02T14:16:00.000Z',
      acknowledgedAt: null,
      services: ['api', 'db'],
      runbooks: [],
    })
    expect(story.incidents[0]!.causes[0]!.service).toBe('db')
    expect(story.slack.posts).toBe(1)
    expect(story.slack.perIncident['INC-0001']).toMatchObject({ posts: 1 })
  })

  test('for people says the same in words', async () => {
    const { code, stdout, stderr } = await replay(INCIDENT)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const words of [
      '4 messages became 1 incident',
      'INC-0001',
      'Probable cause',
      'Timeline (UTC)',
      'Slack shows',
      '[ Reopen ]',
    ])
      expect(stdout).toContain(words)
  })

  test('needs no slack in the config, and runs on after the last event', async () => {
    const story = await storyOf(alarmLine('api/errors', 'ALARM', 0))
    expect(story.incidents[0]).toMatchObject({ status: 'open', resolvedAt: null })
  })
})

describe('lines that are no alarms', () => {
  const broken = [
    '{"detail":',
    INCIDENT.split('\n')[0]!,
    '',
    'hello',
    '"raw body"',
    '42',
    'null',
    '[]',
    alarmLine('db/x', 'OK', 2),
  ].join('\r\n')

  test('keep their number and their reason', async () => {
    const story = await storyOf(broken)
    expect(story.unreadable).toEqual([
      { line: 1, reason: 'it is not JSON' },
      { line: 4, reason: 'it is not JSON' },
      { line: 5, reason: 'it is not JSON' },
      { line: 6, reason: 'it is not a JSON object' },
      { line: 7, reason: 'it is not a JSON object' },
      { line: 8, reason: 'it is not a JSON object' },
    ])
    expect(story.ignored).toEqual([{ line: 9, reason: 'the recovery of an alarm that belongs to no incident' }])
    expect(story.alarmToIncident).toEqual({ 2: 'INC-0001' })
    expect(story.accepted).toBe(1)
  })

  test('are counted for people', async () => {
    expect((await replay(broken)).stdout).toMatch(
      /6 messages unreadable, kept in the dead letters\n\s+line 1: it is not JSON/,
    )
  })

  test('a message body in a string is read as the queue gets it', async () => {
    const story = await storyOf(JSON.stringify(INCIDENT.split('\n')[0]))
    expect(story.alarmToIncident).toEqual({ 1: 'INC-0001' })
  })

  test('a byte order mark before the first does not matter', async () => {
    expect((await storyOf(`\ufeff${INCIDENT}\n`)).accepted).toBe(4)
  })

  test('alone make no incident', async () => {
    const story = await storyOf('nothing\nhere\n')
    expect([story.incidents, story.unreadable.length, story.accepted]).toEqual([[], 2, 0])
  })
})

describe('what it cannot run says why on stderr, prints nothing, and exits with 2', () => {
  const events = (): Promise<string> => dir.write('some.jsonl', INCIDENT)
  test.each<[string, () => Promise<string[]> | string[], string[]]>([
    ['no events', () => ['--config', config], ['which alarms? Give --events FILE.jsonl']],
    [
      'a file that is not there',
      () => ['--config', config, '--events', 'nowhere.jsonl'],
      ['there is no file nowhere.jsonl'],
    ],
    ['a folder', () => ['--config', config, '--events', dir.path], ['is a folder, not a file']],
    [
      'an empty file',
      async () => ['--config', config, '--events', await dir.write('empty.jsonl', '')],
      ['empty.jsonl is empty'],
    ],
    [
      'a file of empty lines',
      async () => ['--config', config, '--events', await dir.write('blank.jsonl', '\n \n\r\n')],
      ['blank.jsonl is empty'],
    ],
    ['no config', async () => ['--events', await events()], ['there is no file tocsin.config.ts']],
    [
      'a config that is no JSON',
      async () => ['--config', await dir.write('bad.json', '{'), '--events', await events()],
      ['bad.json is not JSON'],
    ],
    [
      'a config with mistakes: all of them',
      async () => [
        '--config',
        await dir.write('wrong.json', { timeZone: 'Mars', services: { a: { dependsOn: ['b', 'a'] } }, corelation: {} }),
        '--events',
        await events(),
      ],
      [
        'wrong.json has 4 mistakes:',
        'timeZone: is not a time zone',
        'corelation: is not a key',
        'dependsOn[0]: there is no service "b"',
        'dependsOn[1]: a service does not depend on itself',
      ],
    ],
    [
      'a config in TypeScript that throws',
      async () => ['--config', await dir.write('throws.ts', 'throw new Error("oops")'), '--events', await events()],
      ['throws.ts cannot be loaded: oops'],
    ],
    [
      'a config in TypeScript without a default',
      async () => ['--config', await dir.write('none.ts', 'export const x = 1'), '--events', await events()],
      ['none.ts cannot be loaded: it has no default export'],
    ],
    [
      'an unknown option',
      async () => ['--events', await events(), '--verbose'],
      ["Unknown option '--verbose'", 'see tocsin replay --help'],
    ],
    ['an argument that belongs to nothing', async () => [await events()], ['see tocsin replay --help']],
    ['an option without its value', () => ['--events'], ['--events', 'see tocsin replay --help']],
  ])('%s', async (_, args, words) => {
    const { code, stdout, stderr } = await dir.run('replay', ...(await args()))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    for (const word of words) expect(stderr).toContain(word)
    expect(stderr).toMatch(/^tocsin: /)
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})
