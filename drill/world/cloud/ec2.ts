// EC2: volumes that grow while in use.
import { Refused } from '../../../lambda/ports/tools.ts'
import type { Machine, SimulatedDisk } from '../machines.ts'
import { number, records, text, texts, type Api, type Input, type Place } from './api.ts'

const GIB = 1024 ** 3
/**
 * A volume has its new size within seconds, and is optimizing for hours.
 * https://docs.aws.amazon.com/ebs/latest/userguide/monitoring-volume-modifications.html
 */
const MODIFYING_SECONDS = 8

export function ec2({ world, date }: Place): Api {
  const volumes = (): { machine: Machine; disk: SimulatedDisk; id: string }[] =>
    [...world.machines.values()].flatMap((machine) =>
      machine.disks.flatMap((disk) => (disk.volume === undefined ? [] : [{ machine, disk, id: disk.volume }])),
    )
  const wanted = (ids: string[]) => {
    const found = volumes().filter(({ id }) => ids.length === 0 || ids.includes(id))
    const missing = ids.find((id) => !found.some((one) => one.id === id))
    if (missing !== undefined) throw new Refused(`InvalidVolume.NotFound: there is no volume ${missing}`)
    return found
  }
  const isModifying = ({ growing }: SimulatedDisk): boolean =>
    growing !== undefined && world.second - growing.since < MODIFYING_SECONDS
  const grown = (disk: SimulatedDisk): void => {
    if (disk.growing && !isModifying(disk)) disk.volumeBytes = disk.growing.to
  }

  return {
    DescribeVolumes(input) {
      const attached = filtered(input, 'attachment.instance-id')
      return {
        Volumes: wanted(texts(input, 'VolumeIds'))
          .filter(({ machine }) => attached.length === 0 || attached.includes(machine.id))
          .map(({ machine, disk, id }) => {
            grown(disk)
            return {
              VolumeId: id,
              Size: Math.round(disk.volumeBytes / GIB),
              State: 'in-use',
              VolumeType: 'gp3',
              Attachments: [{ InstanceId: machine.id, Device: '/dev/xvda', State: 'attached', VolumeId: id }],
            }
          }),
      }
    },
    ModifyVolume(input) {
      const [found] = wanted([text(input, 'VolumeId')])
      const { disk, id } = found!
      const size = (number(input, 'Size') ?? 0) * GIB
      if (size < disk.volumeBytes) throw new Refused('InvalidParameterValue: a volume cannot become smaller')
      if (disk.growing) throw new Refused(`VolumeModificationRateExceeded: ${id} was changed within the last 6 hours`)
      disk.growing = { since: world.second, to: world.incurable ? disk.volumeBytes : size }
      return {
        VolumeModification: { VolumeId: id, ModificationState: 'modifying', TargetSize: size / GIB, Progress: 0 },
      }
    },
    DescribeVolumesModifications: (input) => ({
      VolumesModifications: wanted([...texts(input, 'VolumeIds'), ...filtered(input, 'volume-id')]).flatMap(
        ({ disk, id }) => {
          grown(disk)
          const { growing } = disk
          if (!growing) return []
          return [
            {
              VolumeId: id,
              ModificationState: isModifying(disk) ? 'modifying' : 'optimizing',
              TargetSize: Math.round(growing.to / GIB),
              Progress: isModifying(disk) ? 0 : 10,
              StartTime: date(growing.since),
            },
          ]
        },
      ),
    }),
  }
}

const filtered = (input: Input, name: string): string[] =>
  records(input, 'Filters').flatMap((one) => (one['Name'] === name ? texts(one, 'Values') : []))
