// What watches Tocsin itself, and what it costs.
import { describe, expect, test } from '@jest/globals'
import { Template } from 'aws-cdk-lib/assertions'
import { OWN_ALARMS } from '../../lambda/core/facts/own-alarms.ts'
import { heartbeatAlarm } from '../../lambda/core/watchdog/heartbeat.ts'
import { METRICS } from '../../lambda/core/watchdog/metrics.ts'
import { hubStack, resources, type Resource } from './stacks.ts'

const template = Template.fromStack(hubStack({ watchdog: { emails: ['ana@example.com', 'ben@example.com'] } }))
const alarms = resources(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)
const named = (what: string): Record<string, unknown> =>
  alarms.find(({ AlarmName }) => AlarmName === `${OWN_ALARMS}${what}`)!

/** CloudWatch's price counts the metrics that an alarm looks at. */
const metricsOf = ({ Metrics }: Record<string, unknown>): number =>
  Array.isArray(Metrics) ? Metrics.filter((metric) => 'MetricStat' in (metric as object)).length : 1

describe('the watchdog', () => {
  test('has an alarm for each way in which Tocsin can fail', () => {
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(
      [
        heartbeatAlarm('Tocsin'),
        `${OWN_ALARMS}heartbeat lost`,
        `${OWN_ALARMS}stored items that cannot be read`,
        `${OWN_ALARMS}messages that Slack refuses`,
        `${OWN_ALARMS}dead letters of intake`,
        `${OWN_ALARMS}dead letters of notices`,
        `${OWN_ALARMS}age of the oldest message of intake`,
        `${OWN_ALARMS}age of the oldest message of notices`,
        `${OWN_ALARMS}errors of functions`,
        `${OWN_ALARMS}throttles of functions`,
      ].sort(),
    )
  })

  test('looks at fourteen metrics: ten are free, a metric more is 0.10 USD a month', () => {
    expect(alarms.map(metricsOf).reduce((sum, count) => sum + count, 0)).toBe(14)
  })

  test('tells by plain SNS and e-mail, and never by the topic that Tocsin reads', () => {
    const [topic] = resources(template, 'AWS::SNS::Topic').find(([id]) => id.startsWith('Watchdog'))!
    for (const alarm of alarms.filter(({ AlarmName }) => AlarmName !== heartbeatAlarm('Tocsin')))
      expect(alarm).toMatchObject({ AlarmActions: [{ Ref: topic }], OKActions: [{ Ref: topic }] })
    const subscriptions = resources(template, 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties)
    expect(subscriptions.filter(({ TopicArn }) => JSON.stringify(TopicArn) === JSON.stringify({ Ref: topic }))).toEqual(
      ['ana@example.com', 'ben@example.com'].map((Endpoint) => ({
        Protocol: 'email',
        Endpoint,
        TopicArn: { Ref: topic },
      })),
    )
  })

  test('misses a heartbeat that fails at once, and one that is not even tried within two beats', () => {
    expect(named('heartbeat lost')).toMatchObject({
      MetricName: 'Errors',
      Period: 2 * 15 * 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      TreatMissingData: 'breaching',
    })
  })

  test('takes a missing measurement for peace everywhere else', () => {
    for (const alarm of alarms.filter((one) => one !== named('heartbeat lost')))
      expect(alarm['TreatMissingData']).toBe('notBreaching')
  })

  test('rings every so many minutes, without trying again', () => {
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(15 minutes)' })
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 })
    const often = Template.fromStack(hubStack({ watchdog: { syntheticMinutes: 1 } }))
    often.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' })
  })

  test('tells intake which alarm is its own', () => {
    const intake = resources(template, 'AWS::Lambda::Function').find(([id]) => id.startsWith('Intake'))![1]
    expect(variablesOf(intake)['TOCSIN_HEARTBEAT']).toEqual({
      'Fn::Join': ['', expect.arrayContaining([`:alarm:${heartbeatAlarm('Tocsin')}`])],
    })
  })

  test('is silent where the config says 0', () => {
    const silent = Template.fromStack(hubStack({ watchdog: { syntheticMinutes: 0 } }))
    silent.resourceCountIs('AWS::Lambda::Function', 4)
    silent.resourceCountIs('AWS::CloudWatch::Alarm', 8)
    for (const [, stage] of resources(silent, 'AWS::Lambda::Function'))
      expect(variablesOf(stage)).not.toHaveProperty('TOCSIN_HEARTBEAT')
  })
})

describe('the dashboard', () => {
  const [, { Properties }] = resources(template, 'AWS::CloudWatch::Dashboard')[0]!
  const [, parts] = (Properties['DashboardBody'] as { 'Fn::Join': [string, (string | object)[]] })['Fn::Join']
  const { widgets } = JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'a reference')).join('')) as {
    widgets: { width: number; x: number; properties: object }[]
  }

  test('shows every metric of Tocsin', () => {
    for (const metric of Object.keys(METRICS)) expect(JSON.stringify(widgets)).toContain(`"Tocsin","${metric}"`)
  })

  test('has one thing below the other: it is read on a phone', () => {
    expect(widgets.length).toBeGreaterThan(6)
    for (const { x, width } of widgets) expect({ x, width }).toEqual({ x: 0, width: 24 })
  })

  test('is left out where the config says so, and so is its output', () => {
    const without = Template.fromStack(hubStack({ watchdog: { dashboard: false } }))
    without.resourceCountIs('AWS::CloudWatch::Dashboard', 0)
    expect(without.findOutputs('*')).not.toHaveProperty('DashboardName')
  })
})

const variablesOf = ({ Properties }: Resource): Record<string, unknown> =>
  (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables
