// Short ways to write alarm messages, as CloudWatch sends them through EventBridge.

export interface Told {
  name: string
  state?: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA'
  /** Seconds after `START`. */
  at?: number
  service?: string
  dimensions?: Record<string, string>
  namespace?: string
  metric?: string
  value?: number
  threshold?: number
  account?: string
}

export const START = Date.parse('2026-03-01T02:00:00Z')

export const at = (seconds: number): number => START + seconds * 1000

export function event({
  name,
  state = 'ALARM',
  at: seconds = 0,
  service,
  dimensions = service === undefined ? {} : { Service: service },
  namespace = 'Shop',
  metric = 'RequestLatency',
  value = 9,
  threshold = 3,
  account = '111122223333',
}: Told): object {
  const time = new Date(at(seconds)).toISOString()
  return {
    version: '0',
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account,
    region: 'eu-central-1',
    time,
    resources: [`arn:aws:cloudwatch:eu-central-1:${account}:alarm:${name}`],
    detail: {
      alarmName: name,
      state: {
        value: state,
        timestamp: time.replace('Z', '+0000'),
        reason: `Threshold Crossed: 1 datapoint [${value}] was ${state === 'ALARM' ? '' : 'not '}greater than the threshold (${threshold}).`,
        reasonData: JSON.stringify({ recentDatapoints: [value], threshold }),
      },
      configuration: {
        metrics: [
          {
            returnData: true,
            metricStat: {
              metric: { namespace, name: metric, dimensions },
              period: 60,
              stat: 'Average',
            },
          },
        ],
      },
    },
  }
}

export const body = (told: Told): string => JSON.stringify(event(told))
