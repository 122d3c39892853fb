// `tocsin` itself: its help, unknown commands, and a config in TypeScript.
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { COMMANDS } from '../../bin/commands.ts'
import project from '../../package.json' with { type: 'json' }
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

test('--version says which it is', async () => {
  expect(await dir.run('--version')).toMatchObject({ code: 0, stdout: `${project.version}\n`, stderr: '' })
})

test.each([
  [['repaly'], 'there is no command "repaly"; did you mean "replay"? See tocsin --help'],
  [['slack', 'manifest'], 'there is no command "slack"; did you mean "slack-manifest"? See tocsin --help'],
  [['slack-connect'], 'there is no command "slack-connect"; did you mean "slack connect"? See tocsin --help'],
  [['dashboards', '--all'], 'there is no command "dashboards"; see tocsin --help'],
])('an unknown command says so: %j', async (words, problem) => {
  const { code, stdout, stderr } = await dir.run(...words)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(problem)
})

test('every command that is named anywhere is one', async () => {
  const files = (await Promise.all(['bin', 'docs', 'drill', 'lambda', 'lib', 'local', 'replay'].map(textsIn))).flat()
  const named = [...files, 'README.md', 'CHANGELOG.md'].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/npx tocsin ([a-z][a-z-]*)(?: ([a-z]+))?/g)].map(([, one, two]) => ({
      file,
      command: Object.hasOwn(COMMANDS, `${one} ${two}`) ? `${one} ${two}` : one!,
    })),
  )
  expect(new Set(named.map(({ command }) => command)).size).toBeGreaterThan(10)
  expect(named.filter(({ command }) => !Object.hasOwn(COMMANDS, command))).toEqual([])
})

async function textsIn(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true })
  return names.filter((name) => /\.(ts|md)$/.test(name)).map((name) => join(dir, name))
}

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
