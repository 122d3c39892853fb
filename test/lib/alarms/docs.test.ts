// The docs match the alarms: the thresholds in the guide, and the agent configurations that publish what the alarms look for.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { THRESHOLDS } from '../../../lambda/core/facts/thresholds.ts'
import { linesFor } from './made.ts'

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8')

test.each(Object.entries(THRESHOLDS))(
  'the guide tells the default of %s, and where it comes from',
  (key, threshold) => {
    const row = read('alarms.md')
      .split('\n')
      .find((line) => line.startsWith(`| \`${key}\``))
    expect(row?.split('|').map((cell) => cell.trim())).toEqual([
      '',
      `\`${key}\``,
      String(threshold.initial),
      threshold.means,
      threshold.source,
      '',
    ])
  },
)

interface Agent {
  metrics: {
    namespace: string
    aggregation_dimensions: string[][]
    metrics_collected: { mem: { measurement: string[] }; disk: { measurement: string[] } }
  }
}

type Target = Parameters<typeof linesFor>[0]

test.each<[string, Target]>([
  ['cloudwatch-agent.json', { ec2: { instances: ['i-0abc'] }, autoScaling: { group: 'fleet' } }],
  ['cloudwatch-agent-on-premises.json', { onPremises: { hosts: ['cellar-1'] } }],
])('%s publishes every set of dimensions that the alarms look for', (file, target) => {
  const { metrics } = JSON.parse(read(file)) as Agent
  const published = metrics.aggregation_dimensions.map((names) => names.toSorted().join())
  const wanted = linesFor(target).flatMap((line) => [...line.matchAll(/CWAgent (\w+) \{([^}]*)\}/g)])
  expect(wanted.length).toBeGreaterThan(3)
  expect(metrics.namespace).toBe('CWAgent')
  for (const [, metric, dimensions] of wanted) {
    expect(published).toContain(
      dimensions!
        .split(', ')
        .map((pair) => pair.split(': ')[0]!)
        .toSorted()
        .join(),
    )
    const { mem, disk } = metrics.metrics_collected
    expect([...mem.measurement, ...disk.measurement.map((name) => `disk_${name}`)]).toContain(metric)
  }
})
