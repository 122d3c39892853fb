// Which alarms a message says belong together.
import { childrenOf } from '../../../lambda/core/intake/relations.ts'
import { keyOf, read } from '../../../lambda/core/intake/envelopes.ts'

const HERE = { account: '111122223333', region: 'eu-west-1' }
const arn = (name: string): string => `arn:aws:cloudwatch:eu-central-1:444455556666:alarm:${name}`
const there = (name: string) => ({ account: '444455556666', region: 'eu-central-1', name })
const here = (name: string) => ({ ...HERE, name })

test.each<[string, unknown, object[]]>([
  ['names in quotes', 'ALARM("one") OR ALARM(\'two\')', [here('one'), here('two')]],
  ['names without', 'ALARM(one) AND NOT OK( two )', [here('one'), here('two')]],
  [
    'names with brackets and blanks',
    'ALARM("CPU (high) of a") AND INSUFFICIENT_DATA("b c")',
    [here('CPU (high) of a'), here('b c')],
  ],
  [
    'ARNs of another place',
    `ALARM("${arn('one')}") OR ALARM(${arn('two:with:colons')})`,
    [there('one'), there('two:with:colons')],
  ],
  ['one only once', 'ALARM("one") OR OK("one")', [here('one')]],
  ['nested brackets', '(ALARM("one") OR (ALARM("two")))', [here('one'), here('two')]],
  ['no alarm', 'TRUE', []],
  ['an open end', 'ALARM("one', []],
  ['what is no rule', 7, []],
  ['what is longer than a rule may be', `ALARM("one")${' '.repeat(11_000)}`, []],
])('a rule with %s', (_, rule, wanted) => expect(childrenOf({ rule }, HERE)).toEqual(wanted))

test('at most a hundred, whatever comes', () => {
  const rule = Array.from({ length: 500 }, (_, n) => `ALARM(a${n})`).join('')
  expect(childrenOf({ rule: rule.slice(0, 10_000) }, HERE)).toHaveLength(100)
  expect(childrenOf({ rule: 'ALARM('.repeat(1_700) }, HERE)).toEqual([])
})

test('those that made it fire come first', () => {
  const reasonData = JSON.stringify({ triggeringAlarms: [{ arn: arn('two') }] })
  const rule = `ALARM("one") OR ALARM("${arn('two')}")`
  expect(childrenOf({ reasonData, rule }, HERE)).toEqual([there('two'), here('one')])
  expect(childrenOf({ reasonData: '{"triggeringAlarms": oh', rule: 'ALARM(one)' }, HERE)).toEqual([here('one')])
  expect(childrenOf({ triggering: [{ Arn: arn('two') }, {}, 7] }, HERE)).toEqual([there('two')])
})

describe('a message', () => {
  const event = (detail: object, type = 'CloudWatch Alarm State Change') => ({
    source: 'aws.cloudwatch',
    'detail-type': type,
    ...HERE,
    time: '2026-04-02T08:00:00Z',
    detail: { state: { value: 'ALARM', timestamp: '2026-04-02T08:00:00Z' }, ...detail },
  })
  const changeIn = (message: object) => {
    const reading = read(message, Date.parse('2026-04-02T08:00:01Z'))
    if (reading.is !== 'alarm') throw new Error(reading.reason)
    const { related, sumsUp } = reading.change
    return { related: related?.map(({ key }) => key), sumsUp }
  }
  const key = (name: string) => keyOf(HERE.account, HERE.region, name)
  const sns = (more: object) => ({
    AlarmName: 'all',
    NewStateValue: 'ALARM',
    AWSAccountId: HERE.account,
    AlarmArn: `arn:aws:cloudwatch:${HERE.region}:${HERE.account}:alarm:all`,
    ...more,
  })
  test.each<[string, object, object]>([
    [
      'of a composite',
      event({ alarmName: 'all', configuration: { alarmRule: 'ALARM(a)' } }),
      { related: [key('a')], sumsUp: true },
    ],
    [
      'of a composite by SNS',
      sns({ AlarmRule: 'ALARM(a)', TriggeringChildren: [] }),
      { related: [key('a')], sumsUp: true },
    ],
    [
      'of one series',
      event(
        { alarmName: 'all', alarmContributor: { id: 'c', attributes: { a: 'b' } } },
        'CloudWatch Alarm Contributor State Change',
      ),
      { related: [key('all')], sumsUp: undefined },
    ],
    ['of one series by SNS', sns({ AlarmContributorId: 'c' }), { related: [key('all')], sumsUp: undefined }],
    [
      'of an alarm over several series',
      event({ alarmName: 'all', configuration: { metrics: [{ expression: 'SELECT MAX(a) FROM b GROUP BY c' }] } }),
      { related: undefined, sumsUp: true },
    ],
    [
      'of an alarm on one metric',
      event({ alarmName: 'all', configuration: { metrics: [{}] } }),
      { related: undefined, sumsUp: undefined },
    ],
  ])('%s', (_, message, wanted) => expect(changeIn(message)).toEqual(wanted))
})
