// What makes enough room: how much is missing, how much cleaning gives, and how large a disk must become.

/** Bytes, of one mounted file system. */
export interface Disk {
  machine: string
  mount: string
  size: number
  available: number
  /** The EBS volume that it is on, where the machine knows. */
  volume?: string
}

/** Bytes and files that may be removed there. */
export interface Cleanable {
  machine: string
  path: string
  bytes: number
  files: number
}

export const GIB = 1024 ** 3

export const freePercentOf = ({ size, available }: Pick<Disk, 'size' | 'available'>): number =>
  size === 0 ? 100 : (available / size) * 100

/** Where a path is mounted: the longest mount that it is below. */
export function diskOf(disks: readonly Disk[], machine: string, path: string): Disk | undefined {
  const above = disks.filter(
    (disk) =>
      disk.machine === machine && (disk.mount === '/' || path === disk.mount || path.startsWith(`${disk.mount}/`)),
  )
  return above.sort((a, b) => b.mount.length - a.mount.length)[0]
}

/** Bytes that it still lacks when everything cleanable is gone; 0 where that is enough. */
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

/** The next size of a disk in GiB, within the most that is allowed; the same where that is reached. */
export const grown = (gib: number, byPercent: number, mostGib: number): number =>
  Math.max(gib, Math.min(mostGib, Math.ceil(gib * (1 + byPercent / 100))))
