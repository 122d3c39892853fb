// The alarms that a config creates: whose they are, what they say, and what happens with very many of them.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { App, CfnResource, NestedStack, Stack } from 'aws-cdk-lib'
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions'
import type { ConfigInput } from '../../lambda/config.ts'
import { signalInName } from '../../lambda/core/facts/alarm-name.ts'
import { signalOf } from '../../lambda/core/facts/metrics.ts'
import { read } from '../../lambda/core/intake/envelopes.ts'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import { THRESHOLDS, WATCHABLE, type ThresholdKey } from '../../lambda/core/facts/thresholds.ts'
import { planOf, type Planned } from '../../lib/alarms/plan.ts'
import { ServiceAlarms } from '../../lib/service-alarms.ts'
import { alarmsIn, configOf, EVERYTHING, made, stackOf, type MadeAlarm } from './alarms/made.ts'

type Services = ConfigInput['services']

const SHOP = 'team/shop: a b'
const watched = (target: object, watch: Services[string]['watch'] = true): Services => ({ shop: { target, watch } })

/** EventBridge's event when an alarm fires. */
function eventOf({ AlarmName, Metrics, MetricName, Namespace, Dimensions, Period, Statistic }: MadeAlarm): object {
  const stat = (metric: { Namespace: string; MetricName: string; Dimensions: { Name: string; Value: string }[] }) => ({
    metric: {
      namespace: metric.Namespace,
      name: metric.MetricName,
      dimensions: Object.fromEntries(metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
    },
  })
  const metrics = Metrics?.map(({ Id, Expression, ReturnData, MetricStat }) => ({
    id: Id,
    returnData: ReturnData,
    ...(Expression !== undefined && { expression: Expression }),
    ...(MetricStat && { metricStat: { ...stat(MetricStat.Metric), period: MetricStat.Period, stat: MetricStat.Stat } }),
  })) ?? [
    {
      id: 'm1',
      returnData: true,
      metricStat: {
        ...stat({ Namespace: Namespace!, MetricName: MetricName!, Dimensions: Dimensions! }),
        period: Period,
        stat: Statistic,
      },
    },
  ]
  return {
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '111122223333',
    region: 'eu-central-1',
    detail: {
      alarmName: AlarmName,
      configuration: { metrics },
      state: { value: 'ALARM', timestamp: '2026-03-01T02:00:00.000+0000', reason: 'Threshold Crossed' },
    },
  }
}

describe('one of everything', () => {
  let alarms: MadeAlarm[]
  beforeAll(() => {
    alarms = made({ [SHOP]: { title: 'Shop', target: EVERYTHING, watch: true } })
  })

  test('is many alarms, each with a name of its own and no actions', () => {
    expect(new Set(alarms.map(({ AlarmName }) => AlarmName)).size).toBe(alarms.length)
    for (const alarm of alarms) expect(alarm).not.toHaveProperty('AlarmActions')
  })

  test('comes back by EventBridge to its service and the signal it was made for, whatever the matchers say', () => {
    const rules = rulesOf(configOf({ greedy: { alarms: [{ name: '*' }] }, [SHOP]: {} }))
    for (const alarm of alarms) {
      const reading = read(eventOf(alarm), Date.parse('2026-03-01T02:00:05Z'))
      if (reading.is !== 'alarm') throw new Error(reading.reason)
      const { change } = reading
      expect([change.name, rules.serviceOf(change), rules.signalOf(change)]).toEqual([
        alarm.AlarmName,
        SHOP,
        signalInName(alarm.AlarmName),
      ])
      expect(change.metric).toBeDefined()
    }
  })

  test('has the signals that people would give the same metrics, but for what reports no more and for dead letters', () => {
    const others = alarms.filter((alarm) => {
      const metric =
        alarm.MetricName ?? alarm.Metrics!.find(({ MetricStat }) => MetricStat)!.MetricStat!.Metric.MetricName
      const namespace =
        alarm.Namespace ?? alarm.Metrics!.find(({ MetricStat }) => MetricStat)!.MetricStat!.Metric.Namespace
      const side = alarm.Metrics ? undefined : alarm.ComparisonOperator.startsWith('Less') ? 'below' : 'above'
      return signalOf({ namespace, metric, name: '', side }) !== signalInName(alarm.AlarmName)
    })
    for (const { AlarmName, Statistic } of others)
      expect(Statistic === 'SampleCount' || AlarmName.includes('dead-letters')).toBe(true)
  })

  test('has alarms for disk, memory, latency, errors, saturation, availability and CPU', () => {
    const signals = new Set(alarms.map(({ AlarmName }) => signalInName(AlarmName)))
    expect([...signals].sort()).toEqual(['availability', 'cpu', 'disk', 'errors', 'latency', 'memory', 'saturation'])
  })

  test('says in each what it means, what helps, and which key sets its threshold', () => {
    for (const { AlarmDescription } of alarms) {
      expect(AlarmDescription.length).toBeLessThanOrEqual(1000)
      expect(AlarmDescription).toMatch(
        /^Shop, [a-z0-9]+ .+: [A-Z].+\. [A-Z].+ \(Threshold: services\["team\/shop: a b"\]\.watch\.\w+ = [\d.]+\)$/,
      )
    }
  })

  test('fires on datapoints that CloudWatch has: at most a day of them, and bad ones among those it looks at', () => {
    for (const { DatapointsToAlarm, EvaluationPeriods, Period, Metrics } of alarms) {
      const periods = Metrics?.flatMap(({ MetricStat }) => MetricStat?.Period ?? []) ?? [Period!]
      expect(new Set(periods).size).toBe(1)
      expect(periods[0]! % 60).toBe(0)
      expect(EvaluationPeriods * periods[0]!).toBeLessThanOrEqual(86_400)
      expect(DatapointsToAlarm).toBeLessThanOrEqual(EvaluationPeriods)
      expect((Metrics ?? []).length).toBeLessThanOrEqual(11)
    }
  })
})

describe('a threshold', () => {
  const plan = (watch: Services[string]['watch']): Planned[] => planOf(configOf(watched(EVERYTHING, watch)))
  const keys = Object.keys(THRESHOLDS) as ThresholdKey[]

  test('is there for some alarm, each of them', () => {
    const used = new Set([
      ...plan(true).map(({ key }) => key),
      ...planOf(configOf(watched({ rds: { instance: 'db' } }))).map(({ key }) => key),
    ])
    expect([...used].sort()).toEqual([...keys].sort())
  })

  test.each(keys)('%s is set for its alarms alone', (key) => {
    const { least, most, initial } = THRESHOLDS[key]
    const mine = initial === least ? Math.min(most, least + 1) : least
    const before = plan(true)
    const after = plan({ [key]: mine })
    expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name))
    after.forEach((alarm, place) => {
      expect(alarm.limit).toBe(alarm.key === key ? mine : before[place]!.limit)
    })
  })

  test.each(keys)('%s: false leaves its alarms out, and no others', (key) => {
    expect(plan({ [key]: false }).map(({ name }) => name)).toEqual(
      plan(true).flatMap((alarm) => (alarm.key === key ? [] : [alarm.name])),
    )
  })

  test('reaches CloudWatch in the unit of the metric', () => {
    const watch = { localDiskFreeGiB: 3, storageLatencyMilliseconds: 50, silentMinutes: 30 }
    const alarms = made(watched({ rds: { cluster: 'aurora' } }, watch))
    const one = (end: string): MadeAlarm => alarms.find(({ AlarmName }) => AlarmName.endsWith(end))!
    expect(one('disk-free-bytes').Threshold).toBe(3 * 2 ** 30)
    expect(one('latency-read-seconds').Threshold).toBe(0.05)
    expect(one('availability-reports-count')).toMatchObject({
      Threshold: 1,
      EvaluationPeriods: 6,
      DatapointsToAlarm: 6,
    })
  })

  test('that no alarm is held against is told', () => {
    const stack = stackOf(watched({ sqs: { queue: 'q' } }, { queueDepth: 5, diskUsedPercent: 70 }))
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('services\\["shop"\\].watch: no alarm of its target is held against diskUsedPercent'),
    )
  })
})

describe('no alarms', () => {
  test.each<[string, Services]>([
    ['without watch', { shop: { target: EVERYTHING } }],
    ['with watch: false', watched(EVERYTHING, false)],
    ['without services', {}],
  ])('%s', (_, services) => {
    expect(planOf(configOf(services))).toEqual([])
  })

  test('twice for a resource that is named twice', () => {
    expect(planOf(configOf(watched({ ec2: { instances: ['i-1', 'i-1'] } })))).toHaveLength(6)
  })

  test('but some for every kind that the config calls watchable', () => {
    for (const kind of Object.keys(WATCHABLE) as (keyof typeof WATCHABLE)[])
      expect(planOf(configOf(watched({ [kind]: EVERYTHING[kind] }))).length).toBeGreaterThan(0)
  })
})

describe('very many alarms', () => {
  const fleet = (hosts: number): Services =>
    watched({ onPremises: { hosts: Array.from({ length: hosts }, (_, n) => `host-${n}`) } })
  const nested = (stack: Stack): NestedStack[] =>
    stack.node.findAll().filter((child): child is NestedStack => child instanceof NestedStack)

  test('are together in the stack up to 320', () => {
    const stack = stackOf(fleet(80))
    expect(nested(stack)).toEqual([])
    expect(alarmsIn(stack)).toHaveLength(320)
  })

  test('are in nested stacks beyond that, each far from the limit of CloudFormation, under other names', () => {
    const stack = stackOf(fleet(100))
    const stacks = nested(stack)
    const counts = stacks.map((one) => alarmsIn(one).length)
    expect(stacks).toHaveLength(16)
    expect(counts.reduce((sum, count) => sum + count)).toBe(400)
    expect(Math.max(...counts)).toBeLessThan(100)
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', 0)
    const names = new Set(planOf(configOf(fleet(100))).map(({ name }) => name))
    const found = stacks.flatMap(alarmsIn).map(({ AlarmName }) => AlarmName)
    expect(found.filter((name) => names.has(name))).toEqual([])
    const rules = rulesOf(configOf(fleet(1)))
    for (const name of found) expect(rules.serviceOf({ name })).toBe('shop')
  })

  test('stay where they are when more are added', () => {
    const placed = (hosts: number): Map<string, string> =>
      new Map(
        nested(stackOf(fleet(hosts))).flatMap((one) => alarmsIn(one).map(({ AlarmName }) => [AlarmName, one.node.id])),
      )
    const [few, more] = [placed(81), placed(90)]
    for (const [name, place] of few) expect(more.get(name)).toBe(place)
  })

  test('are refused beyond what CloudFormation takes, with what to do', () => {
    const stack = new Stack(new App(), 'Stack')
    new CfnResource(stack, 'Rest', { type: 'AWS::SNS::Topic' })
    new ServiceAlarms(stack, 'ServiceAlarms', { config: configOf(fleet(501)) })
    Annotations.fromStack(stack).hasError('*', Match.stringLikeRegexp('watch makes 2004 alarms, .* takes 2000'))
  })
})
