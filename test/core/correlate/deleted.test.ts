// An alarm that is deleted while it fires: it does not count any more, and that is no recovery.
import { read } from '../../../lambda/core/intake/envelopes.ts'
import type { Change } from '../../../lambda/core/incident/alarm.ts'
import { alarmsText } from '../../../lambda/core/notify/slack/alarms-text.ts'
import { causesOf } from '../../../lambda/core/correlate/cause.ts'
import { alarm, later, play, recovery, rulesFor, type Played } from '../incidents.ts'

const rules = rulesFor({ api: {}, web: { dependsOn: ['api'] } })
const deletion = (service: string, at: number): Change => alarm(service, at, { state: 'DELETED' })
const words = ({ only, alarms }: Played): string =>
  alarmsText({ incident: only, causes: causesOf(only, rules), alarms }, rules)

test('the event belongs to its incident, and only a deletion does', () => {
  const event = (operation: string) => ({
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm Configuration Change',
    account: '123456789012',
    region: 'eu-central-1',
    time: '2024-05-02T14:05:00Z',
    detail: {
      operation,
      alarmName: 'api/latency',
      state: { value: 'INSUFFICIENT_DATA', timestamp: '2024-05-02T14:05:00.000+0000' },
    },
  })
  expect(read(event('delete'), Date.parse('2024-05-02T14:05:01Z'))).toMatchObject({
    is: 'alarm',
    change: { key: alarm('api', 0).key, state: 'DELETED', at: Date.parse('2024-05-02T14:05:00Z') },
  })
  expect(read(event('update'), 0)).toMatchObject({ is: 'ignored' })
})

test('alone, it leaves an incident that a person has to end', () => {
  const played = play(rules, [alarm('api', 0), deletion('api', 5)])
  expect(played.only.firing).toBe(0)
  expect(played.only.timeline.at(-1)).toMatchObject({
    kind: 'deleted',
    text: expect.stringContaining('api/latency was deleted while it fired') as string,
  })
  expect(later(played.board, rules, 600).incidents['INC-0001']!.status).toBe('open')
  expect(words(played)).toContain('The alarm was deleted')
  expect(words(played)).toContain('⌫')
})

test('with others that recover, the incident ends, and says so', () => {
  const played = play(rules, [alarm('api', 0), alarm('web', 1), deletion('api', 5), recovery('web', 6)])
  const { timeline, status } = later(played.board, rules, 60).incidents['INC-0001']!
  expect(status).toBe('resolved')
  expect(timeline.at(-1)!.text).toBe('Resolved: no alarm fires (1 deleted), and stayed so for 5 min')
  expect(words(played)).toContain('No alarm fires: 1 of 2 deleted')
})

test('while others fire, they keep it open', () => {
  const { only } = play(rules, [alarm('api', 0), alarm('web', 1), deletion('api', 5)])
  expect([only.firing, only.status]).toEqual([1, 'open'])
})

test('twice, it is one deletion', () => {
  const { only } = play(rules, [alarm('api', 0), deletion('api', 5), deletion('api', 5)])
  expect(only.timeline.filter(({ kind }) => kind === 'deleted')).toHaveLength(1)
})

test('made again, it counts again', () => {
  const played = play(rules, [alarm('api', 0), deletion('api', 5), alarm('api', 9), recovery('api', 12)])
  expect(words(played)).toContain('The alarm recovered')
  expect(later(played.board, rules, 60).incidents['INC-0001']!.status).toBe('resolved')
})

test('one that belongs to no incident is ignored', () => {
  expect(() => play(rules, [deletion('api', 5)])).toThrow('no incident on the board')
})
