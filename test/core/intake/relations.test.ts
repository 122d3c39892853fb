// Which alarms a message says belong together.
import { triggersOf } from '../../../lambda/core/intake/relations.ts'
import { keyOf, read } from '../../../lambda/core/intake/envelopes.ts'

const HERE = { account: '111122223333', region: 'eu-west-1' }
const arn = (name: string, account = HERE.account, region = HERE.region): string =>
  `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`
const data = (...all: object[]) => ({ reasonData: JSON.stringify({ triggeringAlarms: all }) })
const fires = (name: string) => ({ arn: arn(name), state: { value: 'ALARM' } })

test.each<[string, Parameters<typeof triggersOf>[0], string[]]>([
  ['those that fire', data(fires('one'), fires('two:with:colons')), ['one', 'two:with:colons']],
  ['each once', data(fires('one'), fires('one')), ['one']],
  ['none that must be OK', data(fires('one'), { arn: arn('window'), state: { value: 'OK' } }), ['one']],
  [
    'none of another account or region',
    data({ ...fires('x'), arn: arn('x', '444455556666') }, { ...fires('y'), arn: arn('y', HERE.account, 'us-east-1') }),
    [],
  ],
  ['those by SNS', { triggering: [{ Arn: arn('one'), State: { Value: 'ALARM' } }, {}, 7] }, ['one']],
  ['none, if that is no JSON', { reasonData: '{"triggeringAlarms": oh' }, []],
  ['none, if nothing is said', {}, []],
  ['none, if there is far too much', { reasonData: `{"triggeringAlarms": "${'x'.repeat(50_000)}"}` }, []],
  [
    'at most a hundred',
    data(...Array.from({ length: 150 }, (_, n) => fires(`a${n}`))),
    Array.from({ length: 100 }, (_, n) => `a${n}`),
  ],
])('%s', (_, told, wanted) => expect(triggersOf(told, HERE)).toEqual(wanted))

describe('a message', () => {
  const event = (detail: object, value = 'ALARM', type = 'CloudWatch Alarm State Change') => ({
    source: 'aws.cloudwatch',
    'detail-type': type,
    ...HERE,
    time: '2026-04-02T08:00:00Z',
    detail: { ...detail, state: { value, timestamp: '2026-04-02T08:00:00Z', ...data(fires('a')) } },
  })
  const changeIn = (message: object) => {
    const reading = read(message, Date.parse('2026-04-02T08:00:01Z'))
    if (reading.is !== 'alarm') throw new Error(reading.reason)
    const { related, sumsUp } = reading.change
    return { related: related?.map(({ key }) => key), sumsUp }
  }
  const key = (name: string) => keyOf(HERE.account, HERE.region, name)
  const rule = { alarmRule: 'AT_LEAST(1, ALARM, ("a", "b")) AND NOT ALARM("window")' }
  const sns = (more: object) => ({
    AlarmName: 'all',
    NewStateValue: 'ALARM',
    AWSAccountId: HERE.account,
    AlarmArn: arn('all'),
    ...more,
  })
  test.each<[string, object, object]>([
    [
      'of a composite that fires',
      event({ alarmName: 'all', configuration: rule }),
      { related: [key('a')], sumsUp: true },
    ],
    [
      'of a composite that recovers',
      event({ alarmName: 'all', configuration: rule }, 'OK'),
      { related: undefined, sumsUp: true },
    ],
    [
      'of a composite by SNS',
      sns({ AlarmRule: 'ALARM(a)', TriggeringChildren: [{ Arn: arn('a'), State: { Value: 'ALARM' } }] }),
      { related: [key('a')], sumsUp: true },
    ],
    [
      'of one series',
      event(
        { alarmName: 'all', alarmContributor: { id: 'c', attributes: { a: 'b' } } },
        'ALARM',
        'CloudWatch Alarm Contributor State Change',
      ),
      { related: [key('all')], sumsUp: undefined },
    ],
    ['of one series by SNS', sns({ AlarmContributorId: 'c' }), { related: [key('all')], sumsUp: undefined }],
    [
      'of an alarm over several series',
      sns({ Trigger: { Metrics: [{ Expression: 'SELECT MAX(a) FROM b GROUP BY c' }] } }),
      { related: undefined, sumsUp: true },
    ],
    ['of an alarm on one metric', sns({}), { related: undefined, sumsUp: undefined }],
  ])('%s', (_, message, wanted) => expect(changeIn(message)).toEqual(wanted))
})
