// `tocsin slack-manifest`: what is pasted into Slack, and nothing else on stdout.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { command } from '../../../bin/commands/slack-manifest.ts'
import { SCOPES } from '../../../bin/slack/scopes.ts'
import { deployed, NO_STACK, type Deployed } from '../deployed.ts'
import { live, run } from '../in-process.ts'

let world: Deployed
beforeAll(async () => {
  world = await deployed()
  live(world.environment)
})
beforeEach(() => world.reset())
afterAll(() => world.close())

const EXPECTED = {
  display_information: {
    name: 'Tocsin',
    description: 'One incident, its probable cause, one message that stays true',
    background_color: '#1f2430',
  },
  features: { bot_user: { display_name: 'tocsin', always_online: true } },
  oauth_config: { scopes: { bot: Object.keys(SCOPES) } },
  settings: {
    interactivity: { is_enabled: true, request_url: 'https://example.com/clicks' },
    org_deploy_enabled: false,
    socket_mode_enabled: false,
    token_rotation_enabled: false,
  },
}

test('JSON, with the address that is given; where to paste it is told beside', async () => {
  const { code, stdout, stderr } = await run(command, ['--json', '--url', 'https://example.com/clicks'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual(EXPECTED)
  expect(stderr).toContain('https://api.slack.com/apps?new_app=1')
  expect(stderr).toContain('npx tocsin slack connect')
  expect(world.aws.asked).toEqual([])
})

test('YAML says the same', async () => {
  const { stdout } = await run(command, ['--url', 'https://example.com/clicks'])
  expect(readYaml(stdout)).toEqual(EXPECTED)
})

test('without an address it is the deployed one', async () => {
  const { stdout } = await run(command, ['--json'])
  const { settings } = JSON.parse(stdout) as typeof EXPECTED
  expect(settings.interactivity.request_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  world.aws.answers['DescribeStacks'] = NO_STACK
  const { code, stderr } = await run(command, [])
  expect(code).toBe(2)
  expect(stderr).toContain('the stack Tocsin is not deployed in this account and region: run npx cdk deploy')
})

test.each([
  [['--name', 'x'.repeat(36)], '--name must have 1 to 35 characters'],
  [['--url', 'example'], '--url must be an address'],
])('%j is a mistake', async (args, words) => {
  expect((await run(command, args)).stderr).toContain(words)
})

test('docs/cli.md gives the reason of every scope, and of no other', () => {
  const listed = [...readFileSync('docs/cli.md', 'utf8').matchAll(/^\| `([a-z.]+:[a-z]+)` +\| (.+?) +\|$/gm)]
  expect(Object.fromEntries(listed.map(([, scope, reason]) => [scope, reason]))).toEqual(SCOPES)
})

/** Block style with two spaces, lists of scalars, scalars as JSON: all that a manifest needs. */
function readYaml(text: string): unknown {
  const root: Record<string, unknown> = {}
  const open: { indent: number; value: Record<string, unknown>; key?: string }[] = [{ indent: -1, value: root }]
  for (const line of text.trimEnd().split('\n')) {
    const [, spaces, dash, key, scalar] = /^( *)(- )?(?:(\w+):)? ?(.*)$/.exec(line)!
    while (open.at(-1)!.indent >= spaces!.length) open.pop()
    const parent = open.at(-1)!
    if (dash) {
      const holder = open.at(-2)!.value
      const name = parent.key!
      holder[name] = [
        ...(Array.isArray(holder[name]) ? (holder[name] as unknown[]) : []),
        JSON.parse(scalar!) as unknown,
      ]
    } else if (scalar === '') {
      parent.value[key!] = {}
      open.push({ indent: spaces!.length, value: parent.value[key!] as Record<string, unknown>, key: key! })
    } else parent.value[key!] = JSON.parse(scalar!)
  }
  return root
}
