// The scripts that free-disk runs on machines. They contain only paths from the config, checked there and quoted here.
import { partsOf } from './cleanable.ts'
import type { Cleanable, Device, Disk } from './disk.ts'
import type { Target } from '../../core/services/config.ts'
import { quoted, type Printed } from '../parts/shell.ts'

type Ec2 = NonNullable<Target['ec2']>

/**
 * Which `find` this is, and the inodes of files that are open, mapped, run, swapped to or mounted as a loop; without either, nothing may be said about
 * files. The number alone is compared: on an overlay, a folder has another device than its files.
 */
const GUARDS = [
  `find / -maxdepth 0 ! -newermt @0 ! -newerct @0 -printf '' || { echo 'find is not GNU find' >&2; exit 4; }`,
  `kernels() { { cat /sys/block/loop*/loop/backing_file; awk 'NR > 1 { print $1 }' /proc/swaps; } 2>/dev/null | while read -r file; do stat -c %i -- "$file" 2>/dev/null; done; }`,
  `open=$({ find -L /proc/[0-9]*/fd /proc/[0-9]*/map_files /proc/[0-9]*/exe -maxdepth 1 -type f -printf '%i\\n' 2>/dev/null; kernels; } | sort -u)`,
  `[ -n "$open" ] || { echo 'cannot see which files are open' >&2; exit 4; }`,
]

/** For an extended regular expression. */
const literal = (text: string): string => text.replace(/[.+@=,:$^(){}[\]|\\]/g, '\\$&')

/**
 * One walk that never follows links, never leaves the file system and never enters what is hidden. It finds what neither was written to since `before`
 * (seconds since 1970) nor came there since, and has one name: removing one of two frees nothing.
 */
function walk(path: string, before: number): string {
  const { folder, pattern } = partsOf(path)
  const below = literal(folder)
  const named =
    pattern === undefined
      ? ''
      : ` -regextype posix-extended -regex ${quoted(`${below}/${literal(pattern).replaceAll('*', '[^/]*')}(/.*)?`)}`
  const hidden = ` -regextype posix-extended ! -regex ${quoted(`${below}/(.*/)?\\.[^/]+(/.*)?`)}`
  return `find ${quoted(folder)} -xdev -mindepth 1${hidden}${named} -type f -links 1 ! -newermt @${before} ! -newerct @${before}`
}

/** Feeds the inodes that are open, a line, and what the walk prints, to awk. */
const filtered = (path: string, before: number, print: string, awk: string): string =>
  `{ echo "$open"; echo --; ${walk(path, before)} -printf '${print}' 2>&1; } | awk ${awk}`

/** `%.0f`: some versions of awk write no whole number above 2^31. */
const sizeLine = (path: string, place: number, before: number): string => {
  const mount = `"$(df -P -- ${quoted(partsOf(path).folder)} 2>/dev/null | awk 'NR == 2 { print $6 }')"`
  const program = `'$1 == "--" { walks = 1; next } !walks { open[$1]; next } /^find: / { if (!/No such file/) print "problem", $0; next } !($1 in open) { s += $2; n++ } END { printf "clean ${place} %.0f %d %s\\n", s * 512, n, m }'`
  return filtered(path, before, '%i %b\\n', `-v m=${mount} ${program}`)
}

/** Those that are open are left out by their numbers: only `find` itself removes what it has found, wherever somebody moves it meanwhile. */
const cleanLine = (path: string, before: number): string => {
  const held = filtered(
    path,
    before,
    '%i\\n',
    `'$1 == "--" { walks = 1; next } !walks { open[$1]; next } $1 in open { printf "! -inum %s ", $1 }'`,
  )
  return `held=$(${held}); ${walk(path, before)} $held -delete 2>&1 | awk '!/No such file/ && n++ < 3 { print "problem", $0 }'`
}

const disksLines = (paths: string[]): string[] =>
  paths.flatMap((path, place) => [
    `df -PB1 -- ${quoted(path)} | awk 'NR == 2 { n++; print "disk", $2, $4, $6 } END { if (!n) print "unread ${place}" }'`,
    `df -Pi -- ${quoted(path)} | awk 'NR == 2 { print "inodes", $2, $4, $6 }'`,
  ])

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
  ...clean.map((path) => cleanLine(path, before)),
  ...clean.map((path, place) => sizeLine(path, place, before)),
  ...disksLines(paths),
]

/** Makes the partition and its file system as large as the volume; running it again changes nothing. */
export const growLines = (volume: string, mount: string): string[] => [
  'set -eu',
  `mount=${quoted(mount)}`,
  'part=$(readlink -f "$(findmnt -nfo SOURCE --mountpoint "$mount")")',
  'disk=$(lsblk -nro PKNAME "$part" | head -n 1)',
  // growpart exits with 1 if there is nothing to grow, and needs a little room for itself, which the full disk may not have.
  'if [ -n "$disk" ]; then TMPDIR=/run growpart "/dev/$disk" "$(cat "/sys/class/block/${part##*/}/partition")" || [ $? -eq 1 ]; fi',
  'case "$(findmnt -nfo FSTYPE --mountpoint "$mount")" in ext[234]) resize2fs "$part" ;; xfs) xfs_growfs "$mount" ;; *) echo "this file system cannot grow here" >&2; exit 3 ;; esac',
  `echo ${quoted(`grown ${volume}`)}`,
  ...disksLines([mount]),
]

export interface Read {
  disks: Disk[]
  cleanable: Cleanable[]
  /** What could not be read or removed, by machine. */
  problems: Record<string, string>
  /** Paths of which `df` says nothing, by machine: indexes. */
  unread: { machine: string; place: number }[]
}

/** Parses what the scripts printed on each machine. */
export function readLook(printed: Printed, clean: string[]): Read {
  const read: Read = { disks: [], cleanable: [], problems: {}, unread: [] }
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
    for (const [, place] of text.matchAll(/^unread (\d+)$/gm)) read.unread.push({ machine, place: Number(place) })
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
