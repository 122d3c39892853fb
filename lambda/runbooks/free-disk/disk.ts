// What makes enough room: how much is missing, how much cleaning frees, and how large a disk must become.

/** One mounted file system, in bytes. */
export interface Disk {
  machine: string
  mount: string
  size: number
  available: number
  /** Undefined where the file system has no fixed number of them. */
  inodes?: { total: number; free: number }
  device?: Device
}

/** What a file system is on, as the machine says. */
export interface Device {
  fileSystem: string
  /** From the file system down to the disks: `part`, `disk`, `lvm`, `raid1` …, each with its serial number or an empty one. Empty where it is on no disk. */
  chain: { type: string; serial: string }[]
  /** Its partition ends where the disk ends, or it has none. */
  isLast: boolean
  /** The program that it lacks to grow. */
  lacks?: string
}

/** How many bytes and files may be removed at a path. */
export interface Cleanable {
  machine: string
  path: string
  /** The file system that the path is on. */
  mount: string
  bytes: number
  files: number
}

export const GIB = 1024 ** 3

export const freePercentOf = ({ size, available }: Pick<Disk, 'size' | 'available'>): number =>
  size === 0 ? 100 : (available / size) * 100

const freeInodesOf = ({ inodes }: Disk): number =>
  inodes === undefined || inodes.total === 0 ? 100 : (inodes.free / inodes.total) * 100

/** Of bytes or of inodes, whichever is scarcer: without either, nothing can be written. */
export function scarcer(disk: Disk): { of: 'bytes' | 'inodes'; percent: number } {
  const [bytes, inodes] = [freePercentOf(disk), freeInodesOf(disk)]
  return inodes < bytes ? { of: 'inodes', percent: inodes } : { of: 'bytes', percent: bytes }
}

const isOn = (disk: Disk, one: Cleanable): boolean => one.machine === disk.machine && one.mount === disk.mount

/** How much is still missing once everything cleanable is gone; zeros if that is enough. */
export function lacking(
  disk: Disk,
  cleanable: readonly Cleanable[],
  freePercent: number,
): { bytes: number; inodes: number } {
  const gives = cleanable.filter((one) => isOn(disk, one))
  const sum = (of: 'bytes' | 'files'): number => gives.reduce((total, one) => total + one[of], 0)
  const { total, free } = disk.inodes ?? { total: 0, free: 0 }
  return {
    bytes: Math.max(0, (disk.size * freePercent) / 100 - disk.available - sum('bytes')),
    inodes: Math.max(0, (total * freePercent) / 100 - free - sum('files')),
  }
}

/** What helps: files on the file systems that are short. */
export const onThese = (disks: readonly Disk[], cleanable: readonly Cleanable[]): Cleanable[] =>
  cleanable.filter((one) => one.files > 0 && disks.some((disk) => isOn(disk, one)))

/** The next size of a disk in GiB, at most `mostGib`; unchanged once that is reached. */
export const grown = (gib: number, byPercent: number, mostGib: number): number =>
  Math.max(gib, Math.min(mostGib, Math.ceil(gib * (1 + byPercent / 100))))
