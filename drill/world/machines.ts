// Machines with disks that fill with files that may be cleaned, or with others.
import type { InstancePlan } from './plan/schema.ts'
import { MIB } from './units.ts'

type DiskPlan = InstancePlan['disks'][string]

/** What a script did. */
export interface Printed {
  output: string
  /** What it wrote to standard error. */
  errors?: string
  failed: boolean
  /** How long it takes. */
  seconds: number
}

/** Bytes. `before`: from before the drill. `written`: during it, by the second at which each minute began. */
interface Folder {
  before: number
  written: Map<number, number>
}

export interface SimulatedDisk {
  path: string
  volume: string | undefined
  device: string
  fileSystem: DiskPlan['fileSystem']
  layers: DiskPlan['layers']
  /** Bytes. The volume may be larger than the partition, and the partition larger than the file system, until they are grown too. */
  volumeBytes: number
  partitionBytes: number
  sizeBytes: number
  folders: Map<string, Folder>
  /** When the volume's last change began, and to what (seconds of the drill, bytes). */
  growing?: { since: number; to: number }
}

export interface Machine {
  id: string
  memoryMiB: number
  disks: SimulatedDisk[]
  /** MiB per second, by folder. */
  writing: Map<string, number>
  /** Why Systems Manager does not reach it. */
  unreachable?: 'Undeliverable' | 'Delivery Timed Out'
  /** Runs scripts instead of this world's own shell. */
  shell?: (script: string) => Printed
  usedOf(disk: SimulatedDisk): number
  /** The disk that a path is on: the longest mount that the path begins with. */
  diskOf(path: string): SimulatedDisk
  isFull(): boolean
  /** Bytes in a folder that were written before a given second. What was there before the drill is always old enough. */
  olderThan(disk: SimulatedDisk, folder: string, second: number): number
  /** Removes them; returns how many bytes. */
  remove(disk: SimulatedDisk, folder: string, second: number): number
  /** Bytes that are used but in no folder. */
  hold(disk: SimulatedDisk, bytes: number): void
  tick(second: number): void
}

const HELD = 'deleted files that are held open'

export function machineOf(id: string, plan: InstancePlan): Machine {
  const disks = Object.entries(plan.disks).map(
    ([path, { sizeMiB, folders, volume, device, fileSystem, layers }]): SimulatedDisk => ({
      path,
      volume,
      device,
      fileSystem,
      layers,
      volumeBytes: sizeMiB * MIB,
      partitionBytes: sizeMiB * MIB,
      sizeBytes: sizeMiB * MIB,
      folders: new Map(
        Object.entries(folders).map(([folder, mib]) => [folder, { before: mib * MIB, written: new Map() }]),
      ),
    }),
  )
  const sizeOf = ({ before, written }: Folder): number =>
    [...written.values()].reduce((sum, bytes) => sum + bytes, before)
  const add = (disk: SimulatedDisk, name: string, second: number, bytes: number): void => {
    const folder = disk.folders.get(name) ?? { before: 0, written: new Map<number, number>() }
    disk.folders.set(name, folder)
    const minute = second - (second % 60)
    folder.written.set(minute, (folder.written.get(minute) ?? 0) + bytes)
  }

  const machine: Machine = {
    id,
    memoryMiB: plan.memoryMiB,
    disks,
    writing: new Map(),
    usedOf: ({ folders }) => [...folders.values()].reduce((sum, folder) => sum + sizeOf(folder), 0),
    diskOf: (path) =>
      disks.filter((disk) => isIn(path, disk.path)).sort((a, b) => b.path.length - a.path.length)[0] ?? disks[0]!,
    isFull: () => disks.some((disk) => machine.usedOf(disk) >= disk.sizeBytes),
    olderThan(disk, name, second) {
      const folder = disk.folders.get(name)
      if (!folder) return 0
      const old = [...folder.written].filter(([at]) => at + 60 <= second)
      return old.reduce((sum, [, bytes]) => sum + bytes, folder.before)
    },
    remove(disk, name, second) {
      const bytes = machine.olderThan(disk, name, second)
      const folder = disk.folders.get(name)
      if (!folder) return 0
      folder.before = 0
      for (const at of folder.written.keys()) if (at + 60 <= second) folder.written.delete(at)
      return bytes
    },
    hold: (disk, bytes) => add(disk, HELD, 0, bytes),
    tick(second) {
      for (const [folder, mib] of machine.writing) {
        const disk = machine.diskOf(folder)
        const free = Math.max(0, disk.sizeBytes - machine.usedOf(disk))
        if (mib > 0) add(disk, folder, second, Math.min(mib * MIB, free))
      }
    },
  }
  return machine
}

export const isIn = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
