// Alarms of EBS volumes on Nitro instances. Only the file system knows how full a volume is: the CloudWatch agent reports it (`ec2.paths`).
import type { Target } from '../../lambda/core/services/config.ts'
import { MINUTE, seriesOf, type ResourceRows, type Row } from './row.ts'

export const ebsRows = ({ volumes, instance }: NonNullable<Target['ebs']>): ResourceRows[] =>
  volumes.map((volume) => {
    const of = seriesOf('AWS/EBS', { VolumeId: volume })
    const rows = [latency(of, 'Read'), latency(of, 'Write'), exceeded(of, 'IOPS'), exceeded(of, 'Throughput')]
    return {
      resource: ['ebs', volume],
      rows: instance === undefined ? rows : [...rows, stalled(of, instance)],
    }
  })

type Of = ReturnType<typeof seriesOf>

const latency = (of: Of, way: 'Read' | 'Write'): Row => ({
  what: `latency-${way === 'Read' ? 'read' : 'write'}-milliseconds`,
  measures: of(`VolumeAvg${way}Latency`, 'Maximum'),
  over: 'storageLatencyMilliseconds',
  every: MINUTE,
  hold: [8, 10],
  silence: 'unknown',
  means: `The volume takes long to ${way === 'Read' ? 'read' : 'write'}.`,
  helps: 'Look what reads or writes so much; more provisioned IOPS or throughput help at once, without a restart.',
})

/** One or zero each minute: whether the demand exceeded what the volume provides. */
const exceeded = (of: Of, what: 'IOPS' | 'Throughput'): Row => ({
  what: `saturation-${what === 'IOPS' ? 'iops' : 'throughput'}-count`,
  measures: of(`Volume${what}ExceededCheck`, 'Maximum'),
  over: 'failedChecks',
  every: MINUTE,
  hold: [12, 15],
  silence: 'unknown',
  means: `More ${what === 'IOPS' ? 'operations' : 'throughput'} was wanted from the volume than it has, for minutes on end.`,
  helps: 'Look what reads or writes so much; more provisioned IOPS or throughput help at once, without a restart.',
})

const stalled = (of: Of, instance: string): Row => ({
  what: 'availability-stalled-count',
  measures: of('VolumeStalledIOCheck', 'Maximum', { InstanceId: instance }),
  over: 'failedChecks',
  every: MINUTE,
  hold: [8, 10],
  silence: 'unknown',
  means: 'The volume answers no reads or writes at all.',
  helps: 'AWS often repairs it within minutes; otherwise stop and start the instance, or put a snapshot in its place.',
})
