// What Slack's own SDK says of every message and modal of the drills, the two recorded incidents and a flood, in each state that they had.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import userConfig from '../tocsin.config.ts'
import { drill } from '../drill/drill.ts'
import { checkWorld } from '../drill/world/plan/check.ts'
import { checkConfig } from '../lambda/config.ts'
import { detailsView, questionView } from '../lambda/core/notify/slack/run-dialog.ts'
import { unrelated } from '../lambda/core/respond/actions/unrelated.ts'
import { readBoard } from '../lambda/store/board.ts'
import { replay } from '../replay/replay.ts'
import type { World } from '../replay/world.ts'
import { pythonWith } from './support/python.ts'

interface Item {
  name: string
  blocks?: unknown[]
  view?: Record<string, unknown>
}

const items: Item[] = []
const add = (name: string, what: Omit<Item, 'name'>): void =>
  void items.push({ name: `${name} (${items.length})`, ...what })

/** Everything that Slack was told, and the modals that its buttons would open. */
async function see(name: string, played: World): Promise<void> {
  for (const { tag, blocks, edits } of played.chat.messages.values())
    for (const shown of [...edits.map(({ was }) => was), blocks]) add(`${name}: ${tag}`, { blocks: shown })
  const { rules } = played.runtime
  for (const incident of Object.values((await readBoard(played.table)).incidents)) {
    if (unrelated.dialog) add(`${name}: not related`, { view: unrelated.dialog.view(incident, rules) })
    for (const run of incident.runs ?? [])
      for (const view of [questionView, detailsView])
        add(`${name}: ${run.title}`, { view: view({ incident, run, rules }) })
  }
}

const ROOT = join(import.meta.dirname, '..')
const filesIn = (folder: string): string[] => readdirSync(join(ROOT, folder)).map((name) => join(ROOT, folder, name))

for (const file of filesIn('drill/worlds'))
  for (const fault of ['none', 'no-help'] as const) {
    const plan = checkWorld(JSON.parse(readFileSync(file, 'utf8')), file)
    const config = checkConfig({ slack: { channel: 'drill' }, ...(plan.tocsin as object) })
    const { drill: seen } = await drill({ name: basename(file), plan, config, approveAfterSeconds: 30, fault })
    await see(basename(file, '.json'), seen.played)
  }

for (const folder of filesIn('local/scenarios')) {
  const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n')
  const events = lines.map((line, place) => ({ line: place + 1, message: JSON.parse(line) as unknown }))
  await see(basename(folder), (await replay(checkConfig(userConfig), events)).world)
}

const flood = Array.from({ length: 40 }, (_, place) => ({ line: place + 1, message: fires(`service-${place}`, place) }))
await see('flood', (await replay(checkConfig({ slack: { channel: '#a' }, services: {} }), flood)).world)

function fires(name: string, second: number): object {
  const time = new Date(Date.UTC(2026, 2, 1, 2, 0, second)).toISOString()
  return {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    account: '111122223333',
    region: 'eu-central-1',
    time,
    detail: { alarmName: `${name} <*_&>`, state: { value: 'ALARM', timestamp: time, reason: 'threshold (3)' } },
  }
}

/** What the models must refuse: a check that refuses nothing proves nothing. */
const text = (length: number, type = 'plain_text'): object => ({ type, text: 'x'.repeat(length) })
const button = { type: 'button', action_id: 'a', text: text(9) }
const WRONG: Item[] = [
  { name: 'a long header', blocks: [{ type: 'header', text: text(151) }] },
  { name: 'a long section', blocks: [{ type: 'section', text: text(3001, 'mrkdwn') }] },
  { name: 'a section without text', blocks: [{ type: 'section' }] },
  { name: 'a key that no block has', blocks: [{ type: 'section', text: text(9), accesory: button }] },
  { name: 'too many buttons', blocks: [{ type: 'actions', elements: Array(26).fill(button) }] },
  { name: 'a long label', blocks: [{ type: 'actions', elements: [{ ...button, text: text(76) }] }] },
  { name: 'a block that there is not', blocks: [{ type: 'sektion' }] },
  { name: 'a long title', view: { type: 'modal', title: text(25), blocks: [] } },
]

const python = await pythonWith('slack-models', join(import.meta.dirname, 'slack', 'requirements.txt'))
const checker = spawn(python, [join(import.meta.dirname, 'slack', 'models.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
let said = ''
checker.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
checker.stdin.end([...items, ...WRONG].map((item) => `${JSON.stringify(item)}\n`).join(''))
const [code] = (await once(checker, 'close')) as [number]
const found = said
  .split('\n')
  .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { name: string; problem: string }]))
const wrong = new Set(WRONG.map(({ name }) => name))
const missed = [...wrong].filter((name) => !found.some((one) => one.name === name))
const problems = [
  ...found.filter(({ name }) => !wrong.has(name)),
  ...missed.map((name) => ({ name, problem: 'the models took it' })),
]
for (const { name, problem } of problems.slice(0, 20)) console.log(`  ✗ ${name}: ${problem}`)
if (code !== 0) console.log(`  ✗ the checker ended with ${code}`)
const failed = code === 0 ? problems.length : Math.max(1, problems.length)
console.log(`\n  ${items.length + WRONG.length - problems.length} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
