// The runbook of the tutorial: it is the file that the page shows, and it runs in a durable execution on this machine.
import { readFileSync } from 'node:fs'
import { switchOff } from '../../docs/examples/switch-off.ts'
import { offline, setup, teardown } from '../support/offline.ts'
import { ALARM, fakeCloudWatch } from './fakes/cloudwatch.ts'
import { fakeCloud, toolsOf } from './fakes/cloud.ts'
import { fakeSsm } from './fakes/ssm.ts'
import { SINCE } from './scenarios.ts'

beforeAll(setup)
afterAll(teardown)

function feature(value: string, helps = true) {
  const clock = { now: SINCE }
  const ssm = fakeSsm(clock)
  ssm.parameters['/features/recommend'] = { value, at: 0 }
  const is = () => ssm.parameters['/features/recommend']!.value
  const symptom = () => (helps && is() === 'off' ? 0.2 : 9)
  const cloud = fakeCloud({ ssm: ssm.actions, cloudwatch: fakeCloudWatch(clock, symptom) })
  return { is, cloud, tools: toolsOf(cloud, clock) }
}

const about = {
  run: 'INC-0001-1',
  service: 'athena',
  target: {},
  options: switchOff.options.parse({ parameter: '/features/recommend' }),
  since: SINCE,
  signals: ['latency' as const],
  alarm: { name: ALARM, dimensions: {} },
}

test('it switches the feature off, and that helps', async () => {
  const { tools, is } = feature('on')
  expect(await offline(switchOff, about, tools)).toEqual({
    done: ['/features/recommend is off'],
    health: { ok: true, text: 'Latency is 0.2 (its alarm fires above 1)' },
  })
  expect(is()).toBe('off')
})

test('a process that dies after each act changes nothing', async () => {
  const { tools, is, cloud } = feature('on')
  expect(await offline(switchOff, about, tools, { dies: true })).toMatchObject({ health: { ok: true } })
  expect(is()).toBe('off')
  expect(cloud.calls.filter(({ action }) => action === 'PutParameter')).toHaveLength(2)
})

test('where it does not help, it is on again', async () => {
  const { tools, is } = feature('on', false)
  expect(await offline(switchOff, about, tools)).toMatchObject({
    done: ['/features/recommend is off', '/features/recommend is on'],
    health: { ok: false },
  })
  expect(is()).toBe('on')
})

test('off already: nothing is done', async () => {
  const { tools, cloud } = feature('off')
  expect(await offline(switchOff, about, tools)).toEqual({ stop: 'it is off already', done: [] })
  expect(cloud.calls.map(({ action }) => action)).toEqual(['GetParameter'])
})

test('it may do what it calls', async () => {
  const { tools, cloud } = feature('on')
  await offline(switchOff, about, tools)
  const place = { partition: 'aws', account: '111122223333', region: 'eu-west-1' }
  const allowed = switchOff.permissions({}, about.options, place).flatMap(({ actions }) => actions)
  expect([...new Set(cloud.calls.map(({ service, action }) => `${service}:${action}`))].sort()).toEqual(allowed.sort())
})

test('the page shows the file as it is', () => {
  const page = readFileSync('docs/tutorial-runbook.md', 'utf8')
  const file = readFileSync('docs/examples/switch-off.ts', 'utf8').replaceAll('../../lambda/runbooks/', '../')
  expect(page).toContain(`\`\`\`ts\n${file}\`\`\``)
})
