// `tocsin drill` as a person runs it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Report } from '../../../drill/report.ts'
import { inputOf } from '../../drill/worlds.ts'
import { folder, type Folder } from '../cli.ts'

let here: Folder
beforeAll(async () => void (here = await folder()))
afterAll(() => here.remove())

const KEYS: (keyof Report)[] = [
  'world',
  'mode',
  'firstAlarmAt',
  'openedAt',
  'proposedAt',
  'approvedAt',
  'actedAt',
  'healthyAt',
  'mitigatedAt',
  'resolvedAt',
  'secondsToProposal',
  'secondsToHealthy',
  'left',
  'notProposed',
  'messages',
  'runs',
  'slack',
  'timeline',
]

test('--json prints one object with the published keys, and nothing else', async () => {
  const { code, stdout, stderr } = await here.run('drill', 'disk-fills', '--json')
  expect([code, stderr]).toEqual([0, ''])
  const report = JSON.parse(stdout) as Report
  expect(Object.keys(report)).toEqual(KEYS)
  expect(report).toMatchObject({ world: 'disk-fills', mode: 'suggest', runs: [{ status: 'succeeded' }] })
  expect(Object.keys(report.messages)).toEqual(['published', 'consumed', 'kept', 'republished', 'lost', 'doubled'])
  expect(Object.keys(report.runs[0]!)).toEqual(['runbook', 'target', 'status', 'steps'])
  expect(report.timeline[0]).toEqual({ at: expect.any(String), kind: expect.any(String), text: expect.any(String) })
})

test('a world and a config of your own, and a mode for all its runbooks', async () => {
  const input = inputOf('disk-fills')
  const config = await here.write('config.json', input.tocsin)
  const world = await here.write('mine.json', { ...input, tocsin: {} })
  const { code, stdout } = await here.run('drill', '--world', world, '--config', config, '--mode', 'auto', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ world: 'mine', mode: 'auto', runs: [{ status: 'succeeded' }] })
})

describe('a mistake is said in a sentence', () => {
  test.each<[string[], string]>([
    [
      ['drill'],
      'which world? One of broker-queue-backlog, code-deploy, connection-timeout, delivery-limit, disk-fills, hung-consumer, instance-store-full, memory-leak, sqs-backlog, too-little',
    ],
    [['drill', 'brokr'], 'there is no world "brokr"'],
    [['drill', 'disk-fills', 'memory-leak'], 'one world at a time'],
    [['drill', '--world', 'none.json'], 'there is no file none.json'],
    [
      ['drill', 'disk-fills', '--fault', 'fire'],
      '--fault fire is not known; write one of none, no-help, denied, crash',
    ],
    [['drill', 'disk-fills', '--approve-after', 'soon'], '--approve-after soon is not a number of seconds'],
    [['drill', 'disk-fills', '--speed', '2'], 'see tocsin drill --help'],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await here.run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(words)
    expect(stderr).not.toContain('    at ')
  })

  test('of a world: all of its mistakes', async () => {
    const file = await here.write('bad.json', { ...inputOf('disk-fills'), title: 3, colour: 'red' })
    const { code, stderr } = await here.run('drill', '--world', file)
    expect(code).toBe(2)
    expect(stderr).toContain('has 2 mistakes')
  })
})
