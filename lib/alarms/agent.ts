// Alarms on what only the CloudWatch agent on a host knows: memory and file systems. docs/cloudwatch-agent*.json publish these dimensions.
import { hoursUntilFull } from './formulas.ts'
import { FIVE_MINUTES, MINUTE, seriesOf, type ResourceRows, type Row } from './row.ts'
import { silent } from './silent.ts'

const NAMESPACE = 'CWAgent'

/** `dimensions`: how the agent names the host, or the group of hosts. */
const hostMetric = (dimensions: Record<string, string>): ReturnType<typeof seriesOf> => seriesOf(NAMESPACE, dimensions)

export const memoryRow = (dimensions: Record<string, string>): Row => ({
  what: 'memory-used-percent',
  measures: hostMetric(dimensions)('mem_used_percent', 'Maximum'),
  over: 'memoryUsedPercent',
  every: MINUTE,
  hold: [4, 5],
  silence: 'unknown',
  means: 'The host has little memory left; then the kernel ends the process that uses most.',
  helps: 'Restart the process that grows; look for a leak since the last deployment.',
})

export const silentRow = (dimensions: Record<string, string>): Row =>
  silent(
    hostMetric(dimensions)('mem_used_percent', 'SampleCount'),
    'The CloudWatch agent on the host reports nothing: the host is down or cut off, or the agent is.',
    'Look whether the host runs; start its agent again, with the configuration in docs/alarms.md. A host without the agent wants silentMinutes: false.',
  )

/** For one mount path: how full it is, and how soon it will be full. */
export function diskRows(resource: readonly string[], dimensions: Record<string, string>, path: string): ResourceRows {
  const used = hostMetric(dimensions)('disk_used_percent', 'Maximum', { path })
  const helps = 'Remove old logs and temporary files; extend the disk.'
  return {
    resource: [...resource, path],
    rows: [
      {
        what: 'disk-used-percent',
        measures: used,
        over: 'diskUsedPercent',
        every: MINUTE,
        hold: [3, 5],
        silence: 'unknown',
        means: `The file system at ${path} is nearly full; then nothing can be written to it.`,
        helps,
      },
      {
        what: 'disk-full-hours',
        measures: hoursUntilFull(used),
        under: 'diskFullHours',
        every: FIVE_MINUTES,
        hold: [3, 3],
        silence: 'unknown',
        means: `At the pace of the last minutes the file system at ${path} is full within hours.`,
        helps,
      },
    ],
  }
}
