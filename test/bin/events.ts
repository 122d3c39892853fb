// Event files for the command line's tests: a config of two services, and lines of their alarms.
const T0 = Date.parse('2024-05-02T14:00:00Z')

export const at = (minute: number): string => new Date(T0 + minute * 60_000).toISOString()

export const CONFIG = { services: { api: { dependsOn: ['db'] }, db: { title: 'Database' } } }

/** One line: an EventBridge event of an alarm, `minute` minutes after 14:00. */
export const alarmLine = (name: string, value: 'ALARM' | 'OK', minute: number): string =>
  JSON.stringify({
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    region: 'eu-central-1',
    time: at(minute),
    resources: [`arn:aws:cloudwatch:eu-central-1:123456789012:alarm:${name}`],
    detail: { alarmName: name, state: { value, timestamp: at(minute) }, configuration: { metrics: [] } },
  })
