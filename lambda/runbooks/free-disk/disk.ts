// What makes enough room: how much is missing, how much cleaning frees, and how large a disk must become.

/** One mounted file system, in bytes. */
export interface Disk {
  machine: string
  mount: string
  size: number
  available: number
  /** The EBS volume it is on, if the machine knows. */
  volume?: string
}

/** How many bytes and files may be removed at a path. */
export interface Cleanable {
  machine: string
  path: string
  bytes: number
  files: number
}

export const GIB = 1024 ** 3

export const freePercentOf = ({ size, available }: Pick<Disk, 'size' | 'available'>): number =>
  size === 0 ? 100 : (available / size) * 100

/** The file system that a path is on: the longest mount point above it. */
export function diskOf(disks: readonly Disk[], machine: string, path: string): Disk | undefined {
  const above = disks.filter(
    (disk) =>
      disk.machine === machine && (disk.mount === '/' || path === disk.mount || path.startsWith(`${disk.mount}/`)),
  )
  return above.sort((a, b) => b.mount.length - a.mount.length)[0]
}

/** How many bytes are still missing once everything cleanable is gone; 0 if that is enough. */
export function lacking(
  disk: Disk,
  disks: readonly Disk[],
  cleanable: readonly Cleanable[],
  freePercent: number,
): number {
  const gives = cleanable
    .filter(({ machine, path }) => diskOf(disks, machine, path) === disk)
    .reduce((sum, { bytes }) => sum + bytes, 0)
  return Math.max(0, (disk.size * freePercent) / 100 - disk.available - gives)
}

/** The next size of a disk in GiB, at most `mostGib`; unchanged once that is reached. */
export const grown = (gib: number, byPercent: number, mostGib: number): number =>
  Math.max(gib, Math.min(mostGib, Math.ceil(gib * (1 + byPercent / 100))))
