// A runbook's file is all there is to write: in a copy of these sources with one more file, the config takes it, a drill runs it, and it is deployed.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CONFIG = `import { defineConfig } from './lambda/config.ts'
export default defineConfig({
  slack: { channel: '#incidents' },
  services: { athena: { alarms: [{ name: 'athena/*' }], target: { ecs: { cluster: 'ml', service: 'athena' } } } },
  runbooks: [
    { runbook: 'raise-throughput', when: { service: 'athena' }, mode: 'suggest', with: { table: 'orders', most: 500 } },
    { runbook: 'rolling-restart', when: { service: 'athena' }, mode: 'suggest' },
  ],
})
`

let folder: string
const run = (...args: string[]): string =>
  execFileSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CDK_OUTDIR: join(folder, 'cdk.out') },
  })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-own-'))
  for (const name of ['bin', 'drill', 'lambda', 'lib', 'replay', 'package.json', 'tsconfig.json'])
    cpSync(name, join(folder, name), { recursive: true })
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
  cpSync('runbooks', join(folder, 'runbooks'), { recursive: true })
  const text = readFileSync('docs/examples/raise-throughput.ts', 'utf8')
  writeFileSync(join(folder, 'runbooks', 'raise-throughput.ts'), text.replaceAll('../../lambda/', '../lambda/'))
  writeFileSync(join(folder, 'tocsin.config.ts'), CONFIG)
})
afterAll(() => rmSync(folder, { recursive: true }))

test('it is proposed, approved and run in a drill', () => {
  const text = run('bin/tocsin.ts', 'drill', 'connection-timeout', '--config', 'tocsin.config.ts', '--json')
  const { runs } = JSON.parse(text) as { runs: { runbook: string; steps: { name: string }[] }[] }
  const [own] = runs.filter(({ runbook }) => runbook === 'raise-throughput')
  expect(own!.steps.map(({ name }) => name)).toEqual(['Set orders to 200 reads a second'])
})

interface Resource {
  Type: string
  Properties: { Code?: { S3Key: string }; PolicyDocument?: { Statement: { Action: string | string[] }[] } }
}

test('it has a function with its own packages, and a role with its own permissions', () => {
  run('bin/app.ts')
  const out = join(folder, 'cdk.out')
  const { Resources } = JSON.parse(readFileSync(join(out, 'Tocsin.template.json'), 'utf8')) as {
    Resources: Record<string, Resource>
  }
  const codeOf = (name: string): string => {
    const [, found] = Object.entries(Resources).find(
      ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(`Run${name}`),
    )!
    return readFileSync(join(out, `asset.${found.Properties.Code!.S3Key.replace('.zip', '')}`, 'index.js'), 'utf8')
  }
  const own = codeOf('raisethroughput')
  expect(own).toContain('raise-throughput')
  expect(own).toContain('DynamoDB_20120810')
  expect(own).not.toContain('ResourceInUseException: it is')
  expect(codeOf('rollingrestart')).not.toContain('raise-throughput')
  const actions = Object.entries(Resources)
    .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('Runraisethroughput'))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument!.Statement.flatMap(({ Action }) => Action))
  expect(actions).toEqual(expect.arrayContaining(['dynamodb:DescribeTable', 'dynamodb:UpdateTable']))
})
