// Grows EBS volumes up to a cap, then their partitions and file systems. A volume never shrinks again, so there is no way back.
import { bytes } from '../../core/words/units.ts'
import type { Disk } from './disk.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import { runOnce, type Script } from '../parts/shell.ts'
import type { Case, Step } from '../runbook.ts'
import { readLook, growLines } from './scripts.ts'
import type { Options } from './options.ts'

export interface Volume {
  id: string
  machine: string
  mount: string
  gib: number
  next: number
}

interface Described {
  VolumeId: string
  Size: number
  Attachments?: { InstanceId: string }[]
}

const AGAIN_SECONDS = 10
const GROW_SECONDS = 120

/** The volumes of file systems that lack room. If a machine does not know its volume, the only one in the config attached to it counts. */
export async function volumesOn(tools: Tools, ids: string[], lack: Disk[]): Promise<Omit<Volume, 'next'>[]> {
  const { Volumes = [] } = await tools.cloud.call<{ Volumes?: Described[] }>('ec2', 'DescribeVolumes', {
    VolumeIds: ids,
  })
  return lack.flatMap(({ machine, mount, volume }) => {
    const attached = Volumes.filter(({ Attachments = [] }) =>
      Attachments.some(({ InstanceId }) => InstanceId === machine),
    )
    const found =
      volume === undefined && attached.length === 1 ? attached[0] : attached.find(({ VolumeId }) => VolumeId === volume)
    return found ? [{ id: found.VolumeId, machine, mount, gib: found.Size }] : []
  })
}

export const growSteps = (volume: Volume, about: Case<Options>): Step[] => [
  volumeStep(volume),
  fileSystemStep(volume, about),
]

function volumeStep({ id, gib, next, machine }: Volume): Step {
  return {
    name: `Grow ${id} to ${next} GiB`,
    calls: [`ec2 ModifyVolume ${id} Size=${next}`],
    touches: `${gib} → ${next} GiB on ${machine}; it cannot be made smaller again`,
    withinSeconds: 1800,
    async ready(tools) {
      const state = await modification(tools, id)
      return state?.ModificationState === 'modifying' || state?.ModificationState === 'optimizing'
        ? state.TargetSize === next
          ? undefined
          : `${id} is being changed already`
        : undefined
    },
    async turn(tools) {
      const { Volumes = [] } = await tools.cloud.call<{ Volumes?: Described[] }>('ec2', 'DescribeVolumes', {
        VolumeIds: [id],
      })
      const state = await modification(tools, id)
      if (state?.ModificationState === 'failed' && state.TargetSize === next)
        throw new Refused(`${id} could not grow: ${state.StatusMessage ?? 'no reason given'}`)
      const isAsked = state?.TargetSize === next || (Volumes[0]?.Size ?? gib) >= next
      if (!isAsked) {
        await tools.cloud.call('ec2', 'ModifyVolume', { VolumeId: id, Size: next })
        return { going: `${id} grows to ${next} GiB`, againInSeconds: AGAIN_SECONDS }
      }
      // AWS: the new size can be used once the volume is in the state "optimizing".
      return state?.ModificationState === 'modifying'
        ? { going: `${id} grows to ${next} GiB`, againInSeconds: AGAIN_SECONDS }
        : { done: `${id} has ${next} GiB` }
    },
  }
}

interface Modification {
  ModificationState: 'modifying' | 'optimizing' | 'completed' | 'failed'
  TargetSize: number
  StatusMessage?: string
}

/** The newest one; a volume that was never modified has none. */
async function modification(tools: Tools, id: string): Promise<Modification | undefined> {
  const { VolumesModifications = [] } = await tools.cloud.call<{ VolumesModifications?: Modification[] }>(
    'ec2',
    'DescribeVolumesModifications',
    { Filters: [{ Name: 'volume-id', Values: [id] }] },
  )
  return VolumesModifications[0]
}

function fileSystemStep({ id, machine, mount }: Volume, { run, since }: Case<Options>): Step {
  const script: Script = {
    name: `free-disk grow ${id}`,
    instances: [machine],
    lines: growLines(id, mount),
    seconds: GROW_SECONDS,
  }
  return {
    name: `Grow the file system at ${mount}`,
    calls: [`ssm SendCommand AWS-RunShellScript on ${machine}: growpart, then resize2fs or xfs_growfs ${mount}`],
    touches: `${mount} of ${machine}`,
    withinSeconds: GROW_SECONDS * 2,
    async turn(tools) {
      const printed = await runOnce(tools, script, { run, since })
      if (!printed) return { going: 'the file system grows', againInSeconds: AGAIN_SECONDS }
      const disk = readLook(printed, []).disks.find((one) => one.mount === mount)
      return { done: disk ? `${mount} has ${bytes(disk.available)} of ${bytes(disk.size)} free` : 'grown' }
    },
  }
}
