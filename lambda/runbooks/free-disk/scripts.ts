// The scripts that free-disk runs on machines. They contain only paths from the config, checked there and quoted here.
import { partsOf } from './cleanable.ts'
import type { Cleanable, Disk } from './disk.ts'
import type { Target } from '../../core/services/config.ts'
import { quoted, type Printed } from '../parts/shell.ts'

type Ec2 = NonNullable<Target['ec2']>

/** Never follows links, never leaves the file system, never touches what is still written to. */
function find(path: string, minutes: number, act: string): string {
  const { folder, pattern } = partsOf(path)
  const files = `-xdev -type f -mmin +${minutes} ${act}`
  return pattern === undefined
    ? `find ${quoted(folder)} ${files}`
    : `find ${quoted(folder)} -mindepth 1 -maxdepth 1 -name ${quoted(pattern)} -exec find {} ${files} ';'`
}

const disksLine = (paths: string[]): string =>
  `df -PB1 -- ${paths.map(quoted).join(' ')} | awk 'NR > 1 { print "disk", $2, $4, $6 }'`

const volumeLine = (path: string): string =>
  `echo "volume $(lsblk -snro SERIAL "$(findmnt -nfo SOURCE -T ${quoted(path)})" 2>/dev/null | grep -o 'vol[0-9a-f]*' | head -n 1) $(findmnt -nfo TARGET -T ${quoted(path)})"`

/** Prints `disk SIZE AVAILABLE MOUNT`, `volume ID MOUNT` and `clean INDEX BYTES FILES`. */
export const lookLines = ({ clean, paths }: Ec2, minutes: number): string[] => [
  disksLine(paths),
  ...paths.map(volumeLine),
  ...clean.map(
    (path, place) =>
      `${find(path, minutes, "-printf '%b\\n'")} 2>/dev/null | awk '{ s += $1; n++ } END { printf "clean ${place} %d %d\\n", s * 512, n }'`,
  ),
]

/** Cleans, then prints the disks as they are afterwards. */
export const cleanLines = ({ clean, paths }: Ec2, minutes: number): string[] => [
  'set -u',
  ...clean.map((path) => `${find(path, minutes, '-delete')} || true`),
  disksLine(paths),
]

/** Makes the partition and its file system as large as the volume; running it again changes nothing. */
export const growLines = (volume: string, mount: string): string[] => [
  'set -eu',
  `mount=${quoted(mount)}`,
  'part=$(readlink -f "$(findmnt -nfo SOURCE --mountpoint "$mount")")',
  'disk=$(lsblk -nro PKNAME "$part" | head -n 1)',
  // growpart exits with 1 if there is nothing to grow.
  'if [ -n "$disk" ]; then growpart "/dev/$disk" "$(cat "/sys/class/block/${part##*/}/partition")" || [ $? -eq 1 ]; fi',
  'case "$(findmnt -nfo FSTYPE --mountpoint "$mount")" in ext[234]) resize2fs "$part" ;; xfs) xfs_growfs "$mount" ;; *) echo "this file system cannot grow here" >&2; exit 3 ;; esac',
  `echo ${quoted(`grown ${volume}`)}`,
  disksLine([mount]),
]

/** Parses what `lookLines` printed on each machine. */
export function readLook(printed: Printed, clean: string[]): { disks: Disk[]; cleanable: Cleanable[] } {
  const disks: Disk[] = []
  const cleanable: Cleanable[] = []
  for (const [machine, text] of Object.entries(printed)) {
    const volumes = new Map([...text.matchAll(/^volume (vol\w+) (\S+)$/gm)].map(([, id, mount]) => [mount!, id!]))
    for (const [, size, available, mount] of text.matchAll(/^disk (\d+) (\d+) (\S+)$/gm)) {
      if (disks.some((disk) => disk.machine === machine && disk.mount === mount)) continue
      const volume = volumes.get(mount!)?.replace(/^vol-?/, 'vol-')
      disks.push({
        machine,
        mount: mount!,
        size: Number(size),
        available: Number(available),
        ...(volume && { volume }),
      })
    }
    for (const [, place, bytes, files] of text.matchAll(/^clean (\d+) (\d+) (\d+)$/gm))
      cleanable.push({ machine, path: clean[Number(place)]!, bytes: Number(bytes), files: Number(files) })
  }
  return { disks, cleanable }
}
