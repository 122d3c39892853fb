// The tutorial's runbook: it is the file that the page shows, and it runs in a durable execution on this machine.
import { readFileSync } from 'node:fs'
import { switchOff } from '../../docs/examples/switch-off.ts'
import { offline, setup, teardown } from '../support/offline.ts'
import { SINCE, toolsOf } from './fakes/cloud.ts'
import { ALARM, small } from './fakes/world.ts'

beforeAll(setup)
afterAll(teardown)

function feature(value: string, helps = true) {
  const parameter = '/features/recommend'
  const is = () => world.parameters.get(parameter)
  const symptom = () => (helps && is() === 'off' ? 0.2 : 9)
  const { world, cloud, clock } = small({ parameters: { [parameter]: value }, symptom })
  return { is, cloud, clock, tools: toolsOf(cloud, clock) }
}

const about = {
  run: 'INC-0001-1',
  service: 'athena',
  target: { region: 'eu-west-1' },
  options: switchOff.options.parse({ parameter: '/features/recommend' }),
  since: SINCE,
  signals: ['latency' as const],
  alarm: { name: ALARM, dimensions: {} },
}

test('it switches the feature off, and that helps', async () => {
  const { tools, clock, is } = feature('on')
  expect(await offline(switchOff, about, tools, clock)).toEqual({
    found: '/features/recommend is on',
    steps: [{ name: 'Set /features/recommend to off', is: 'done', text: '/features/recommend is off' }],
    health: { ok: true, text: 'Latency is 0.2 (its alarm fires above 1)' },
  })
  expect(is()).toBe('off')
})

test('a process that dies after each act changes nothing', async () => {
  const { tools, clock, is, cloud } = feature('on')
  expect(await offline(switchOff, about, tools, clock, { twice: true })).toMatchObject({ health: { ok: true } })
  expect(is()).toBe('off')
  expect(cloud.calls.filter(({ action }) => action === 'PutParameter')).toHaveLength(2)
})

test('where it does not help, it is on again', async () => {
  const { tools, clock, is } = feature('on', false)
  const { steps, health } = await offline(switchOff, about, tools, clock)
  expect(steps.map(({ is, text }) => `${is}: ${text}`)).toEqual([
    'done: /features/recommend is off',
    'undone: /features/recommend is on',
  ])
  expect(health?.ok).toBe(false)
  expect(is()).toBe('on')
})

test('off already: nothing is done', async () => {
  const { tools, clock, cloud } = feature('off')
  expect(await offline(switchOff, about, tools, clock)).toEqual({ found: '', stop: 'it is off already', steps: [] })
  expect(cloud.calls.map(({ action }) => action)).toEqual(['GetParameter'])
})

test('it may do what it calls', async () => {
  const { tools, clock, cloud } = feature('on')
  await offline(switchOff, about, tools, clock)
  const place = { partition: 'aws', account: '111122223333', region: 'eu-west-1' }
  const allowed = switchOff.permissions({}, about.options, place).flatMap(({ actions }) => actions)
  expect([...new Set(cloud.calls.map(({ service, action }) => `${service}:${action}`))].sort()).toEqual(allowed.sort())
})

test('the page shows the file as it is', () => {
  const page = readFileSync('docs/tutorial-runbook.md', 'utf8')
  const file = readFileSync('docs/examples/switch-off.ts', 'utf8').replaceAll('../../lambda/runbooks/', '../')
  expect(page).toContain(`\`\`\`ts\n${file}\`\`\``)
})
