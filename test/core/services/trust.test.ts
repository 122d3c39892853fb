// Which alarms may belong to a service by their name alone: those of Tocsin's own account, and of the accounts that the config names.
import { rulesOf, type Rules } from '../../../lambda/core/services/rules.ts'
import { reasonFor, type Facts } from '../../../lambda/core/services/matching.ts'
import { alarmName } from '../../../lambda/core/facts/alarm-name.ts'
import { testAlarmName } from '../../../lambda/core/facts/test-alarm.ts'
import { alarm, rulesFor } from '../incidents.ts'

const [HOME, PROD, OTHER] = ['111122223333', '222233334444', '444455556666']
const config = rulesFor(
  { api: { alarms: [{ namespace: 'Shop', account: '4444*' }] }, db: {} },
  { accounts: { [PROD]: 'prod' } },
).config
const rules: Rules = rulesOf(config, { account: HOME, region: 'eu-west-1' })
const of = (facts: Partial<Facts> & { name: string }): string => rules.serviceOf(facts)

test.each<[string, Partial<Facts> & { name: string }, string]>([
  ['a name, of its own account', { name: 'db/full', account: HOME }, 'db'],
  ['a name, of an account that the config names', { name: 'db/full', account: PROD }, 'db'],
  ['a name, of nobody knows which', { name: 'db/full' }, 'db'],
  ['a name, of another account', { name: 'db/full', account: OTHER }, `${OTHER}/db/full`],
  ['a name that is an id, of another account', { name: 'db', account: OTHER }, `${OTHER}/db`],
  [
    'a dimension, of another account',
    { name: 'x', account: OTHER, dimensions: { DBInstanceIdentifier: 'db' } },
    `${OTHER}/db database`,
  ],
  ['a matcher, of another account', { name: 'x', account: OTHER, namespace: 'Shop' }, 'api'],
  [
    'the name of an alarm that Tocsin makes',
    { name: alarmName({ service: 'db', resource: ['rds', 'a'], what: 'cpu-percent' }), account: OTHER },
    `${OTHER}/${alarmName({ service: 'db', resource: ['rds', 'a'], what: 'cpu-percent' })}`,
  ],
  [
    'the name of a test alarm',
    { name: testAlarmName('1', { calls: true }), account: OTHER },
    `${OTHER}/${testAlarmName('1', { calls: true })}`,
  ],
  [
    'a metric of its own account, watched from another',
    { name: 'db/full', account: HOME, alarmAccount: OTHER },
    `${OTHER}/db/full`,
  ],
  ['a metric of another account, watched from its own', { name: 'db/full', account: OTHER, alarmAccount: HOME }, 'db'],
  [
    'a matcher, which means the account of the metric',
    { name: 'x', namespace: 'Shop', account: OTHER, alarmAccount: HOME },
    'api',
  ],
])('%s', (_, facts, service) => expect(of(facts)).toBe(service))

test('the reason says what to write', () => {
  expect(reasonFor({ name: 'db', account: OTHER }, config.services, rules.trusts)).toContain(
    `${OTHER} is not one of accounts`,
  )
})

test('a test alarm of another account is no test: what the config ignores counts for it', () => {
  const strict = rulesOf({ ...config, ignore: [{ name: 'tocsin-test/*' }] }, { account: HOME })
  const named = (account: string) => alarm('x', 0, { name: testAlarmName('1', { calls: true }), account })
  expect(strict.whyIgnored(named(HOME))).toBeUndefined()
  expect(strict.whyIgnored(named(OTHER))).toContain('ignore[0]')
})

test('where nobody says which account is its own, as in a replay, every account is', () => {
  expect(rulesOf(config).serviceOf({ name: 'db/full', account: OTHER })).toBe('db')
})

test.each<[string, Facts, string]>([
  ['its own place', { name: 'x', account: HOME, region: 'eu-west-1', dimensions: { QueueName: 'jobs' } }, 'jobs queue'],
  [
    'another region',
    { name: 'x', account: HOME, region: 'us-east-1', dimensions: { QueueName: 'jobs' } },
    'jobs queue (us-east-1)',
  ],
  [
    'an account with a name',
    { name: 'x', account: PROD, region: 'eu-west-1', dimensions: { QueueName: 'jobs' } },
    'jobs queue (prod)',
  ],
  [
    'a metric of another account',
    { name: 'x', account: OTHER, alarmAccount: HOME, region: 'us-east-1', dimensions: { QueueName: 'jobs' } },
    `jobs queue (${OTHER} us-east-1)`,
  ],
  [
    'an account that is not trusted, by its region',
    { name: 'x', account: OTHER, region: 'us-east-1', dimensions: { QueueName: 'jobs' } },
    `${OTHER}/jobs queue (us-east-1)`,
  ],
])('a service that nobody has declared is told apart by %s', (_, facts, service) => {
  expect(rules.serviceOf(facts)).toBe(service)
})
