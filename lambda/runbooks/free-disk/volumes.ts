// Grows EBS volumes up to a cap, then their partitions and file systems. A volume never shrinks again, so there is no way back.
import { bytes } from '../../core/words/units.ts'
import { enumerate } from '../../core/words/words.ts'
import type { Disk } from './disk.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import { runOnce, type Script, type Sent } from '../parts/shell.ts'
import type { Case, Step } from '../runbook.ts'
import { readLook, growLines } from './scripts.ts'
import type { Options } from './options.ts'

export interface Volume {
  id: string
  machine: string
  mount: string
  /** Bytes of the file system before. */
  size: number
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

/** What the rules below are given. */
export interface Seen {
  disk: Disk
  /** In the config. */
  ids: readonly string[]
  described: Described[]
  changes: Modification[]
}

const where = ({ machine, mount }: Disk): string => `${mount} of ${machine}`

/** EBS volumes say their id as the serial number of their disk, without its dash; an instance store and the disks of Xen machines do not. */
const volumeIn = ({ device }: Disk): string | undefined => {
  const serial = device?.chain.at(-1)?.serial ?? ''
  return /^vol-?[0-9a-f]+$/.test(serial) ? serial.replace(/^vol-?/, 'vol-') : undefined
}

/** What is not known to hold the full file system is never grown: a volume does not become smaller again. */
export const PRECONDITIONS: readonly Precondition<[Seen]>[] = [
  {
    field: 'FSTYPE of `findmnt`',
    must: '`ext2`, `ext3`, `ext4` or `xfs`',
    stops: ({ disk }) =>
      disk.device === undefined
        ? `the machine does not say what ${where(disk)} is on`
        : /^(ext[234]|xfs)$/.test(disk.device.fileSystem)
          ? undefined
          : `${where(disk)} is ${disk.device.fileSystem}, which does not grow with its volume`,
  },
  {
    field: 'TYPE of `lsblk -s`',
    must: 'one `disk`, and at most one `part` on it',
    stops({ disk }) {
      const types = disk.device!.chain.map(({ type }) => type)
      if (types.length === 0) return `${where(disk)} is on no disk of the machine`
      return ['disk', 'part disk'].includes(types.join(' '))
        ? undefined
        : `${where(disk)} is on ${types.find((type) => type !== 'part' && type !== 'disk') ?? 'several disks'}, which does not grow with its volume: grow it by hand`
    },
  },
  {
    field: 'SERIAL of `lsblk -s`',
    must: 'the id of an EBS volume',
    stops: ({ disk }) =>
      volumeIn(disk) === undefined
        ? `the disk of ${where(disk)} is no EBS volume, or does not say which (an instance store, or a machine on Xen)`
        : undefined,
  },
  {
    field: 'target.ebs.volumes',
    must: 'has that volume',
    stops: ({ disk, ids }) =>
      ids.includes(volumeIn(disk)!)
        ? undefined
        : `${where(disk)} is on ${volumeIn(disk)!}, which target.ebs.volumes does not name`,
  },
  {
    field: 'Attachments[].InstanceId of DescribeVolumes',
    must: 'that machine alone',
    stops({ disk, described }) {
      const { Attachments = [] } = described.find(({ VolumeId }) => VolumeId === volumeIn(disk)) ?? {}
      const machines = Attachments.map(({ InstanceId }) => InstanceId)
      return machines.length === 1 && machines[0] === disk.machine
        ? undefined
        : `${volumeIn(disk)!} is attached to ${machines.length === 0 ? 'no machine' : enumerate(machines)}, not to ${disk.machine} alone`
    },
  },
  {
    field: 'ModificationState of DescribeVolumesModifications',
    must: '`completed` or `failed`, or there is none',
    stops({ disk, changes }) {
      const state = changes.find(({ VolumeId }) => VolumeId === volumeIn(disk))?.ModificationState
      return isChanging(state) ? `${volumeIn(disk)!} is being changed already (${state!})` : undefined
    },
  },
  {
    field: 'start of the partitions in `/sys/class/block`',
    must: 'its partition is the last on the disk',
    stops: ({ disk }) =>
      disk.device!.isLast ? undefined : `another partition follows that of ${where(disk)}, so that it cannot grow`,
  },
  {
    field: '`growpart`, `resize2fs` or `xfs_growfs`',
    must: 'is installed, where it is needed',
    stops: ({ disk }) =>
      disk.device!.lacks === undefined
        ? undefined
        : `${disk.machine} lacks ${disk.device!.lacks}, without which ${disk.mount} cannot grow`,
  },
]

/** For each file system, its volume, or why that may not grow. Reads nothing where the machine's own answer rules it out. */
export async function volumesOn(
  tools: Tools,
  ids: string[],
  disks: Disk[],
): Promise<({ disk: Disk; volume: Omit<Volume, 'next'> } | { disk: Disk; why: string })[]> {
  const VolumeIds = ids.filter((id) => disks.some((disk) => volumeIn(disk) === id))
  const { Volumes: described = [] } =
    VolumeIds.length === 0
      ? {}
      : await tools.cloud.call<{ Volumes?: Described[] }>('ec2', 'DescribeVolumes', { VolumeIds })
  const changes: Modification[] = []
  for (const id of VolumeIds) changes.push(...(await modifications(tools, id)))
  return disks.map((disk) => {
    const why = whyNot(PRECONDITIONS, { disk, ids, described, changes })
    if (why !== undefined) return { disk, why }
    const { VolumeId: id, Size: gib } = described.find(({ VolumeId }) => VolumeId === volumeIn(disk))!
    return { disk, volume: { id, machine: disk.machine, mount: disk.mount, size: disk.size, gib } }
  })
}

export const growSteps = (volume: Volume, about: Case<Options>): Step[] => [
  volumeStep(volume, about.since),
  fileSystemStep(volume, about),
]

/** `since`: a change that failed before then is another's. */
function volumeStep({ id, gib, next, machine }: Volume, since: number): Step {
  return {
    name: `Grow ${id} to ${next} GiB`,
    calls: [`ec2 ModifyVolume ${id} Size=${next}`],
    touches: `${gib} → ${next} GiB on ${machine}; it cannot be made smaller again`,
    withinSeconds: 1800,
    async ready(tools) {
      const state = await modification(tools, id)
      return isChanging(state?.ModificationState) && state?.TargetSize !== next
        ? `${id} is being changed already`
        : undefined
    },
    async turn(tools) {
      const { Volumes = [] } = await tools.cloud.call<{ Volumes?: Described[] }>('ec2', 'DescribeVolumes', {
        VolumeIds: [id],
      })
      const state = await modification(tools, id)
      const isOwn = state?.TargetSize === next && new Date(state.StartTime ?? 0).getTime() >= since
      if (state?.ModificationState === 'failed' && isOwn)
        throw new Refused(`${id} could not grow: ${state.StatusMessage ?? 'no reason given'}`)
      const isAsked =
        (state?.TargetSize === next && state.ModificationState !== 'failed') || (Volumes[0]?.Size ?? gib) >= next
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
  VolumeId?: string
  ModificationState: 'modifying' | 'optimizing' | 'completed' | 'failed'
  TargetSize: number
  StartTime?: Date | string
  StatusMessage?: string
}

const isChanging = (state: Modification['ModificationState'] | undefined): boolean =>
  state === 'modifying' || state === 'optimizing'

/** Newest first; a volume that was never modified has none. */
async function modifications(tools: Tools, id: string): Promise<Modification[]> {
  const { VolumesModifications = [] } = await tools.cloud.call<{ VolumesModifications?: Modification[] }>(
    'ec2',
    'DescribeVolumesModifications',
    { Filters: [{ Name: 'volume-id', Values: [id] }] },
  )
  return VolumesModifications
}

const modification = async (tools: Tools, id: string): Promise<Modification | undefined> =>
  (await modifications(tools, id))[0]

function fileSystemStep({ id, machine, mount, size }: Volume, { run, since }: Case<Options>): Step {
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
    async turn(tools, state) {
      const { sent, printed } = await runOnce(tools, script, { run, since }, state as Sent | undefined)
      if (!printed) return { going: 'the file system grows', againInSeconds: AGAIN_SECONDS, state: sent }
      const disk = readLook(printed, []).disks.find((one) => one.mount === mount)
      if (!disk || disk.size <= size)
        throw new Refused(`${id} has grown, and ${mount} of ${machine} has not: grow its file system by hand`)
      return { done: `${mount} has ${bytes(disk.available)} of ${bytes(disk.size)} free` }
    },
  }
}
