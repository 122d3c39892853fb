// What the shell of a machine in this world understands: the lines that runbooks send, and nothing else.
import type { Machine, Printed, SimulatedDisk } from '../machines.ts'
import type { SimulatedService } from '../service/service.ts'
import { MIB } from '../units.ts'
import type { Worker } from '../service/worker.ts'
import type { SimulatedWorld } from '../world.ts'

interface Shell {
  world: SimulatedWorld
  machine: Machine
  print(line: string): void
  fail(line: string): void
  takes(seconds: number): void
}

type Line = [pattern: RegExp, run: (shell: Shell, found: RegExpExecArray) => void]

/** Until the agent has the script, has run it and has told Systems Manager. */
const LEAST_SECONDS = 3
/** A word in single quotes, as runbooks write every word that comes from the config. */
const WORD = "'([^']*)'"
/** The size of a file in a folder, where files are counted. */
const FILE_BYTES = 64 * 1024 * 1024
/** On most file systems, deleting takes time by size. */
const DELETED_BYTES_PER_SECOND = 4 * 1024 ** 3

const LINES: Line[] = [
  // How the scripts look around: in this world, they find what they look for.
  [/^( {2}|\}|device\(\)|kernels\(\)|open=|pid=|find \/ -maxdepth 0|\[ )/, () => undefined],
  [/^(:|set|sleep|part=|disk=)/, ({ takes }, { input }) => takes(Number(/^sleep (\d+)$/.exec(input)?.[1] ?? 0))],
  [/^df -PB1 -- (.*?) \|/, (shell, found) => words(found[1]!).forEach((path) => df(shell, path))],
  [/^df -Pi -- (.*?) \|/, (shell, found) => words(found[1]!).forEach((path) => inodes(shell, path))],
  [new RegExp(`^device ${WORD}$`), (shell, found) => device(shell, found[1]!)],
  [/^\{ echo "\$open".*printf '%i %b/, size],
  [/^held=.* -delete 2>&1 \|/, clean],
  [new RegExp(`^mount=${WORD}$`), ({ machine }, found) => void mounts.set(machine, found[1]!)],
  [/^if \[ -n "\$disk" \]; then TMPDIR=\/run growpart/, ({ machine }) => growPartition(mounted(machine))],
  [/^case "\$\(findmnt -nfo FSTYPE/, ({ machine }) => growFileSystem(mounted(machine))],
  [new RegExp(`^echo ${WORD}$`), ({ print }, found) => print(found[1]!)],
  [new RegExp(`^systemctl show -p MemoryCurrent -- ${WORD}$`), (shell, found) => memoryOf(shell, found[1]!)],
  [/^awk .*\/proc\/meminfo$/, memoryOfMachine],
  [new RegExp(`^systemctl show .*-- ${WORD}$`), (shell, found) => show(shell, found[1]!)],
  [
    new RegExp(`^if mkdir ${WORD} .*systemctl restart -- ${WORD}; elif .*fi$`),
    (shell, found) => restart(shell, found[1]!, found[2]!),
  ],
  [new RegExp(`^systemctl is-active -- ${WORD}$`), ({ print }) => print('active')],
]

/** The file system that the running script means by `$mount`. */
const mounts = new WeakMap<Machine, string>()
const mounted = (machine: Machine): SimulatedDisk => machine.diskOf(mounts.get(machine) ?? '/')

export function runScript(world: SimulatedWorld, machine: Machine, script: string): Printed {
  const output: string[] = []
  const errors: string[] = []
  const printed = { failed: false, seconds: LEAST_SECONDS }
  const shell: Shell = {
    world,
    machine,
    print: (line) => void output.push(line),
    fail(line) {
      errors.push(line)
      printed.failed = true
    },
    takes: (seconds) => void (printed.seconds += seconds),
  }
  for (const line of script.split('\n')) {
    const known = LINES.map(([pattern, run]) => [pattern.exec(line), run] as const).find(([found]) => found !== null)
    if (known) known[1](shell, known[0]!)
    else shell.fail(`a drill's machine does not know this line: ${line}`)
    if (printed.failed) break
  }
  return { ...printed, output: output.join('\n'), errors: errors.join('\n') }
}

const words = (text: string): string[] => [...text.matchAll(new RegExp(WORD, 'g'))].map(([, word]) => word!)

function df({ machine, print }: Shell, path: string): void {
  const disk = machine.diskOf(path)
  print(`disk ${Math.round(disk.sizeBytes)} ${Math.round(disk.sizeBytes - machine.usedOf(disk))} ${disk.path}`)
}

/** More than enough: what is scarce in this world is space. */
function inodes({ machine, print }: Shell, path: string): void {
  print(`inodes 6553600 6291456 ${machine.diskOf(path).path}`)
}

/** An instance store has a serial number that is no volume's id. */
function device({ machine, print }: Shell, path: string): void {
  const { fileSystem, layers, volume, path: mount } = machine.diskOf(path)
  const serial = volume?.replace('-', '') ?? 'AWS1A2B3C4D5E6F70819'
  const chain =
    fileSystem === 'nfs4' ? '-' : [...layers.map((layer) => `${layer}:`), 'part:', `disk:${serial}`].join(',')
  print(`device ${fileSystem} ${chain} yes - ${mount}`)
}

/** The folders that a runbook's `find` goes through, and the second of the drill since which nothing may have written to the files. */
function meant(
  world: SimulatedWorld,
  machine: Machine,
  line: string,
): { disk: SimulatedDisk; folders: string[]; before: number } {
  const root = new RegExp(`find ${WORD}`).exec(line)![1]!
  const pattern = new RegExp(`(?<!! )-regex ${WORD}`).exec(line)?.[1]
  const moment = Number(/-newermt @(\d+)/.exec(line)?.[1] ?? 0)
  const disk = machine.diskOf(root)
  const named = pattern === undefined ? undefined : new RegExp(`^${pattern}$`)
  const folders = [...disk.folders.keys()].filter((folder) => {
    return named ? named.test(folder) : folder === root || folder.startsWith(`${root}/`)
  })
  return { disk, folders, before: moment - Date.parse(world.plan.start) / 1000 }
}

function size({ world, machine, print }: Shell, { input }: RegExpExecArray): void {
  const { disk, folders, before } = meant(world, machine, input)
  const bytes = folders.reduce((sum, folder) => sum + machine.olderThan(disk, folder, before), 0)
  print(
    `clean ${/clean (\d+)/.exec(input)?.[1] ?? 0} ${Math.round(bytes)} ${Math.ceil(bytes / FILE_BYTES)} ${disk.path}`,
  )
}

function clean({ world, machine, takes }: Shell, { input }: RegExpExecArray): void {
  const { disk, folders, before } = meant(world, machine, input)
  const freed = folders.reduce((sum, folder) => sum + machine.remove(disk, folder, before), 0)
  // If the fix is not to help: a process holds the deleted files open, so nothing is freed.
  if (world.incurable) machine.hold(disk, freed)
  takes(Math.ceil(freed / DELETED_BYTES_PER_SECOND))
}

function growPartition(disk: SimulatedDisk): void {
  disk.partitionBytes = disk.volumeBytes
}

function growFileSystem(disk: SimulatedDisk): void {
  disk.sizeBytes = disk.partitionBytes
}

const unitOf = ({ world, machine }: Shell, unit: string): SimulatedService | undefined =>
  [...world.services.values()].find(
    ({ plan }) => nameOf(plan.systemd?.unit) === nameOf(unit) && plan.systemd!.instances.includes(machine.id),
  )
const nameOf = (unit: string | undefined): string | undefined => unit?.replace(/\.service$/, '')

function show(shell: Shell, unit: string): void {
  const worker = workerOf(shell, unit)?.[1]
  shell.print(`LoadState=${worker ? 'loaded' : 'not-found'}`)
  shell.print(`ActiveState=${!worker ? 'inactive' : worker.state === 'stopping' ? 'deactivating' : 'active'}`)
  shell.print('CanStart=yes')
  shell.print('CanStop=yes')
}

/** Folders that scripts have made. */
const made = new WeakMap<Machine, Set<string>>()

function restart(shell: Shell, folder: string, unit: string): void {
  const folders = made.get(shell.machine) ?? new Set()
  if (folders.has(folder)) return
  made.set(shell.machine, folders.add(folder))
  const service = unitOf(shell, unit)
  if (!service) return shell.fail(`Failed to restart ${unit}: Unit ${unit} not found.`)
  if (service.fleet.breaks !== undefined) return shell.fail(`Job for ${unit} failed because ${service.fleet.breaks}`)
  service.fleet.stop(shell.machine.id, shell.world.second)
  shell.takes(service.plan.workers.stopSeconds)
}

const workerOf = (shell: Shell, unit: string): [SimulatedService, Worker] | undefined => {
  const service = unitOf(shell, unit)
  const worker = service?.fleet.workers.find(({ id }) => id === shell.machine.id)
  return service && worker && [service, worker]
}

function memoryOf(shell: Shell, unit: string): void {
  const found = workerOf(shell, unit)
  shell.print(`MemoryCurrent=${found ? Math.round(found[0].memoryMiB(found[1]) * MIB) : '[not set]'}`)
}

/** What else runs on a machine. */
const OTHERS_MIB = 512

function memoryOfMachine({ world, machine, print }: Shell): void {
  const here = [...world.services.values()].flatMap((service) =>
    service.plan.systemd ? service.fleet.workers.filter(({ id }) => id === machine.id).map(service.memoryMiB) : [],
  )
  const used = here.reduce((sum, mib) => sum + mib, OTHERS_MIB)
  print(`MemTotal:${machine.memoryMiB * MIB}`)
  print(`MemAvailable:${Math.max(0, Math.round((machine.memoryMiB - used) * MIB))}`)
}
