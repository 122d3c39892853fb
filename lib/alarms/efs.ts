// Alarms of an EFS file system. It has no size limit and cannot fill up; what runs out is its I/O.
import type { Target } from '../../lambda/core/services/config.ts'
import { inGiB } from './formulas.ts'
import { MINUTE, seriesOf, type ResourceRows } from './row.ts'

export function efsRows({ fileSystem }: NonNullable<Target['efs']>): ResourceRows[] {
  const of = seriesOf('AWS/EFS', { FileSystemId: fileSystem })
  return [
    {
      resource: ['efs', fileSystem],
      rows: [
        {
          what: 'saturation-io-percent',
          measures: of('PercentIOLimit', 'Maximum'),
          over: 'ioLimitPercent',
          every: MINUTE,
          hold: [12, 15],
          // Only reported in General Purpose performance mode.
          silence: 'fine',
          means: 'The file system does almost as many operations as it can; whoever uses it waits.',
          helps: 'Look what reads or writes so much, often very many small files; elastic throughput has more room.',
        },
        {
          what: 'saturation-burst-bytes',
          measures: of('BurstCreditBalance', 'Minimum'),
          under: 'burstCreditGiB',
          scaled: inGiB,
          every: MINUTE,
          hold: [12, 15],
          // Only reported in Bursting throughput mode.
          silence: 'fine',
          means: 'The credits for bursts are almost used up; then the file system becomes slow.',
          helps: 'Switch to elastic or provisioned throughput; look what reads or writes so much.',
        },
      ],
    },
  ]
}
