// The scripts that free-disk runs on machines. They contain only paths from the config, checked there and quoted here.
import { partsOf } from './cleanable.ts'
import type { Cleanable, Device, Disk } from './disk.ts'
import type { Target } from '../../core/services/config.ts'
import { quoted, type Printed } from '../parts/shell.ts'

type Ec2 = NonNullable<Target['ec2']>

/** Which `find` and which files are open; without either, nothing may be said about files. `-L`: the files themselves, also where they have other names. */
const GUARDS = [
  `find / -maxdepth 0 ! -newermt @0 -printf '' || { echo 'find is not GNU find' >&2; exit 4; }`,
  `open=$(find -L /proc/[0-9]*/fd /proc/[0-9]*/map_files /proc/[0-9]*/exe -maxdepth 1 -type f -printf '%D %i\\n' 2>/dev/null | sort -u)`,
  `[ -n "$open" ] || { echo 'cannot see which files are open' >&2; exit 4; }`,
  `held() { echo "$open" | awk -v d="$(stat -c %d -- "$1" 2>/dev/null)" '$1 == d { printf "! -inum %s ", $2 }'; }`,
]

/**
 * Never follows links, never leaves the file system, never touches what was written to since `before` (seconds since 1970) or what a process has
 * open, and leaves what has a second name: removing one of them frees nothing.
 */
function find(path: string, before: number, act: string): string {
  const { folder, pattern } = partsOf(path)
  const files = `-xdev -type f -links 1 ! -newermt @${before} $(held ${quoted(folder)}) ${act}`
  return pattern === undefined
    ? `find ${quoted(folder)} ${files}`
    : `find ${quoted(folder)} -mindepth 1 -maxdepth 1 -name ${quoted(pattern)} -exec find {} ${files} ';'`
}

/** `%.0f`: some versions of awk write no whole number above 2^31. */
const sizeLine = (path: string, place: number, before: number): string => {
  const { folder } = partsOf(path)
  const mount = `"$(df -P -- ${quoted(folder)} 2>/dev/null | awk 'NR == 2 { print $6 }')"`
  return `${find(path, before, "-printf '%b\\n'")} 2>/dev/null | awk -v m=${mount} '{ s += $1; n++ } END { printf "clean ${place} %.0f %d %s\\n", s * 512, n, m }'`
}

const disksLines = (paths: string[]): string[] => [
  `df -PB1 -- ${paths.map(quoted).join(' ')} | awk 'NR > 1 { print "disk", $2, $4, $6 }'`,
  `df -Pi -- ${paths.map(quoted).join(' ')} | awk 'NR > 1 { print "inodes", $2, $4, $6 }'`,
]

/** `device '/path'` prints what the file system is on, and what growing it would lack. */
const DEVICE = [
  'device() {',
  '  mount=$(findmnt -nfo TARGET -T "$1") && type=$(findmnt -nfo FSTYPE -T "$1") && part=$(readlink -f "$(findmnt -nfo SOURCE -T "$1")") || return 0',
  `  chain=$(lsblk -snro TYPE,SERIAL "$part" 2>/dev/null | awk '{ printf "%s%s:%s", n++ ? "," : "", $1, $2 }')`,
  '  name=${part##*/}; last=yes; needs=',
  '  if [ -e "/sys/class/block/$name/partition" ]; then',
  '    needs=growpart; own=$(cat "/sys/class/block/$name/start")',
  '    for start in "$(readlink -f "/sys/class/block/$name")"/../*/start; do [ "$(cat "$start")" -le "$own" ] || last=no; done',
  '  fi',
  '  case "$type" in ext[234]) needs="$needs resize2fs" ;; xfs) needs="$needs xfs_growfs" ;; esac',
  '  lacks=-; for program in $needs; do command -v "$program" >/dev/null || lacks=$program; done',
  '  echo "device $type ${chain:--} $last $lacks $mount"',
  '}',
]

/**
 * Prints `disk SIZE AVAILABLE MOUNT`, `inodes TOTAL FREE MOUNT`, `device FSTYPE TYPE:SERIAL,… LAST LACKS MOUNT` and `clean INDEX BYTES FILES MOUNT`.
 * `before`: seconds since 1970.
 */
export const lookLines = ({ clean, paths }: Ec2, before: number): string[] => [
  ...disksLines(paths),
  ...DEVICE,
  ...paths.map((path) => `device ${quoted(path)}`),
  ...(clean.length > 0 ? GUARDS : []),
  ...clean.map((path, place) => sizeLine(path, place, before)),
]

/** Cleans, then prints what is left of it and the disks as they are afterwards. `problem …`: what `find` could not remove. */
export const cleanLines = ({ clean, paths }: Ec2, before: number): string[] => [
  'set -u',
  ...GUARDS,
  ...clean.map((path) => `${find(path, before, '-delete')} 2>&1 | head -n 3 | sed 's/^/problem /'`),
  ...clean.map((path, place) => sizeLine(path, place, before)),
  ...disksLines(paths),
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
  ...disksLines([mount]),
]

export interface Read {
  disks: Disk[]
  cleanable: Cleanable[]
  /** What could not be removed, by machine. */
  problems: Record<string, string>
}

/** Parses what the scripts printed on each machine. */
export function readLook(printed: Printed, clean: string[]): Read {
  const read: Read = { disks: [], cleanable: [], problems: {} }
  for (const [machine, text] of Object.entries(printed)) {
    const inodes = new Map(
      [...text.matchAll(/^inodes (\d+) (\d+) (\S+)$/gm)].map(([, total, free, mount]) => [
        mount!,
        { total: Number(total), free: Number(free) },
      ]),
    )
    const devices = new Map(
      [...text.matchAll(/^device (\S+) (\S+) (yes|no) (\S+) (\S+)$/gm)].map(([, type, chain, last, lacks, mount]) => [
        mount!,
        deviceOf(type!, chain!, last === 'yes', lacks!),
      ]),
    )
    for (const [, size, available, mount] of text.matchAll(/^disk (\d+) (\d+) (\S+)$/gm)) {
      if (read.disks.some((disk) => disk.machine === machine && disk.mount === mount)) continue
      const [device, nodes] = [devices.get(mount!), inodes.get(mount!)]
      read.disks.push({
        machine,
        mount: mount!,
        size: Number(size),
        available: Number(available),
        ...(nodes && nodes.total > 0 && { inodes: nodes }),
        ...(device && { device }),
      })
    }
    for (const [, place, bytes, files, mount] of text.matchAll(/^clean (\d+) (\d+) (\d+) (\S*)$/gm))
      read.cleanable.push({
        machine,
        path: clean[Number(place)]!,
        mount: mount!,
        bytes: Number(bytes),
        files: Number(files),
      })
    const problem = /^problem (.+)$/m.exec(text)?.[1]
    if (problem !== undefined) read.problems[machine] = problem.slice(0, 200)
  }
  return read
}

const deviceOf = (fileSystem: string, chain: string, isLast: boolean, lacks: string): Device => ({
  fileSystem,
  chain:
    chain === '-'
      ? []
      : chain.split(',').map((one) => {
          const [type = '', serial = ''] = one.split(':')
          return { type, serial }
        }),
  isLast,
  ...(lacks !== '-' && { lacks }),
})
