// `tocsin` itself: its help, unknown commands, and a config in TypeScript.
import type { Story } from '../../replay/replay.ts'
import { alarmLine } from './events.ts'
import { folder, type Folder } from './cli.ts'

let dir: Folder
beforeAll(async () => {
  dir = await folder()
})
afterAll(() => dir.remove())

test.each([
  [[], 'tocsin replay --events'],
  [['--help'], 'tocsin replay --events'],
  [['help'], 'tocsin replay --events'],
  [['replay', '--help'], '--actions FILE.json'],
  [['replay', '-h', '--nonsense'], '--actions FILE.json'],
])('help: tocsin %j', async (args, words) => {
  const { code, stdout, stderr } = await dir.run(...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(words)
})

test('an unknown command says so', async () => {
  const { code, stdout, stderr } = await dir.run('repaly')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('there is no command "repaly"; see tocsin --help')
})

test('a config in TypeScript is taken', async () => {
  const file = await dir.write('config.ts', 'export default { services: { api: { title: "The API" as string } } }')
  const { code, stdout } = await dir.run(
    'replay',
    '--config',
    file,
    '--events',
    await dir.write('e.jsonl', alarmLine('api/errors', 'ALARM', 0)),
    '--json',
  )
  expect(code).toBe(0)
  expect((JSON.parse(stdout) as Story).incidents[0]!.title).toContain('The API')
})
