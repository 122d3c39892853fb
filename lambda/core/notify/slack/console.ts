// Links into the AWS console: an alarm, its metric, its logs.
import type { Alarm } from '../../incident/alarm.ts'

/** Undefined without a region. */
function cloudWatch(region: string | undefined): string | undefined {
  if (region === undefined || !/^[a-z]{2,4}(-[a-z]+)+-\d$/.test(region)) return undefined
  return `https://${hostOf(region)}/cloudwatch/home?region=${region}`
}

/** https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html */
function hostOf(region: string): string {
  if (region.startsWith('cn-')) return 'console.amazonaws.cn'
  return `${region}.console.${region.startsWith('us-gov-') ? 'amazonaws-us-gov.com' : 'aws.amazon.com'}`
}

export function alarmUrl({ region, name }: Pick<Alarm, 'region' | 'name'>): string | undefined {
  const home = cloudWatch(region)
  return home && `${home}#alarmsV2:alarm/${encoded(name)}`
}

/** As a graph of the last hours. Undefined of an alarm over several metrics. */
export function metricUrl({
  region,
  namespace,
  metric,
  dimensions = {},
  stat = 'Average',
}: Pick<Alarm, 'region' | 'namespace' | 'metric' | 'dimensions' | 'stat'>): string | undefined {
  const home = cloudWatch(region)
  if (home === undefined || namespace === undefined || metric === undefined) return undefined
  const series = [namespace, metric, ...Object.entries(dimensions).flat()].map(written).join('')
  const rest = Object.entries({ region: region!, stat, view: 'timeSeries' }).map(
    ([key, value]) => `~${key}${written(value)}`,
  )
  return `${home}#metricsV2:graph=~(metrics~(~(${series}))${rest.join('')})`
}

/** Undefined where its dimensions do not tell the log group: Lambda's functions have one by their name. */
export function logsUrl({
  region,
  namespace,
  dimensions,
}: Pick<Alarm, 'region' | 'namespace' | 'dimensions'>): string | undefined {
  const home = cloudWatch(region)
  const name = namespace === 'AWS/Lambda' ? dimensions?.['FunctionName'] : undefined
  if (home === undefined || name === undefined) return undefined
  // The console decodes it twice, with $ for %.
  const group = encoded(encoded(`/aws/lambda/${name}`)).replaceAll('%', '$')
  return `${home}#logsV2:log-groups/log-group/${group}`
}

const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** A text as the console's addresses have it: `~'AWS*2fECS`. */
const written = (text: string): string =>
  `~'${encoded(text).replace(/%(..)/g, (_, digits: string) => `*${digits.toLowerCase()}`)}`
