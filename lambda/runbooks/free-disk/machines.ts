// Makes room on machines: cleans what is declared as cleanable and, if that is not enough, grows the volume and its file system.
import type { Target } from '../../core/services/config.ts'
import { enumerate, plural } from '../../core/words/words.ts'
import { bytes } from '../../core/words/units.ts'
import { arnOf } from '../parts/arn.ts'
import type { Kind } from '../parts/kind.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import { ask, shellPermissions, type Script } from '../parts/shell.ts'
import type { Case, Look, Scope, Statement, Tools } from '../runbook.ts'
import { cleanStep } from './clean.ts'
import { grown, lacking, onThese, scarcer, type Cleanable, type Disk } from './disk.ts'
import type { Options } from './options.ts'
import { lookLines, readLook } from './scripts.ts'
import { growSteps, volumesOn, type Volume } from './volumes.ts'

export interface Facts {
  short: Disk[]
  cleanable: Cleanable[]
  grow: Volume[]
  /** Files that were written to since stay (seconds since 1970). */
  before: number
}

/** `find` over millions of files takes a while. */
const LOOK_SECONDS = 120

export const machines: Kind<Options, Facts> = {
  async look(tools, about) {
    const { target, options, approved } = about
    const before = momentOf(tools, about)
    const { disks, cleanable, problems, unread } = await lookAt(tools, about, before)
    const short = disks.filter(
      (disk) => scarcer(disk).percent < options.freePercent && mayTouch(approved, diskWord(disk)),
    )
    const useful = onThese(short, cleanable).filter((one) => mayTouch(approved, filesWord(one)))
    const lack = short.filter((disk) => Object.values(lacking(disk, useful, options.freePercent)).some((n) => n > 0))
    const { grow, refused } = await growable(tools, about, lack)
    const facts = { short, cleanable: useful, grow, before }
    const missing = unread.map(({ machine, place }) => `${target.ec2!.paths[place]} of ${machine}`)
    const stop = whyNot(PRECONDITIONS, { facts, refused, missing, target, options })
    const trouble = Object.entries(problems).map(([machine, problem]) => `${machine}: ${problem}`)
    return {
      found: [told(disks, useful), ...refused, ...trouble].join('; '),
      facts,
      ...scopeOf(facts, approved),
      ...(stop !== undefined && { stop }),
    }
  },

  steps: (facts, about) => [
    ...(facts.cleanable.length > 0 ? [cleanStep(facts, about)] : []),
    ...facts.grow.flatMap((volume) => growSteps(volume, about)),
  ],

  permissions: (target, options, place) => [
    ...shellPermissions(target.ec2!, place),
    ...(target.ebs && options.maxGiB !== undefined ? volumePermissions(target.ebs.volumes, place) : []),
  ],
}

interface Seen {
  facts: Facts
  /** Why volumes may not grow. */
  refused: string[]
  /** File systems that could not be read. */
  missing: string[]
  target: Target
  options: Options
}

/** The rules for a volume are in volumes.ts. */
export const PRECONDITIONS: readonly Precondition<[Seen]>[] = [
  {
    field: '`df -P`, `df -Pi`',
    must: 'less than `freePercent` of the bytes or of the inodes is free on a file system',
    stops({ facts: { short }, missing, options: { freePercent } }) {
      if (short.length > 0) return undefined
      return missing.length > 0
        ? `nobody knows how much is free on ${enumerate(missing)}: is it mounted? Check target.ec2.paths`
        : `no file system has less than ${freePercent} % free`
    },
  },
  {
    field: 'mtime, links and `/proc/*/fd` of the files in `target.ec2.clean`',
    must: 'some are old enough, have one name and are not open; or a volume may grow',
    stops({ facts: { cleanable, grow }, refused, target, options }) {
      if (cleanable.length > 0 || grow.length > 0) return undefined
      const nothing = `nothing that is declared as cleanable is older than ${options.olderThanMinutes} min and not open`
      if (target.ebs && options.maxGiB === undefined) return `${nothing}, and no disk may grow: set maxGiB`
      return [nothing, ...refused].join('; ')
    },
  },
]

const WRITTEN_BEFORE = 'written before'

/** What was approved is about files of that moment: none is added while somebody thinks about it. */
function momentOf(tools: Tools, { options, approved }: Case<Options>): number {
  const known = approved?.on[WRITTEN_BEFORE]
  return Math.floor((known === undefined ? tools.now() - options.olderThanMinutes * 60_000 : Date.parse(known)) / 1000)
}

const momentWord = (before: number): string => `${new Date(before * 1000).toISOString().slice(0, 19)}Z`
const diskWord = ({ machine, mount }: Disk): string => `${mount} of ${machine}`
const filesWord = ({ machine, path }: Cleanable): string => `files in ${path} of ${machine}`
const volumeWord = ({ id, machine }: Volume): string => `GiB of ${id} on ${machine}`

/** Only what the question named; before anybody was asked, everything. */
const mayTouch = (approved: Scope | undefined, word: string): boolean =>
  !approved || Object.hasOwn(approved.bounds ?? {}, word)

function scopeOf({ short, cleanable, grow, before }: Facts, approved?: Scope): Pick<Look<Facts>, 'scope' | 'needs'> {
  const since = `${new Date(before * 1000).toISOString().slice(11, 16)} UTC`
  const words = [
    ...cleanable.map(
      ({ path, machine, files, bytes: size }) =>
        `${files.toLocaleString('en')} ${files === 1 ? 'file' : 'files'} (${bytes(size)}) in ${path} of ${machine}, not written to since ${since}`,
    ),
    ...grow.map(({ id, machine, gib, next }) => `${id} of ${machine}, ${gib} → ${next} GiB`),
  ]
  const sizes = Object.fromEntries(grow.map((volume) => [volumeWord(volume), volume.next]))
  const files = Object.fromEntries(cleanable.map((one) => [filesWord(one), one.files]))
  const disks = Object.fromEntries(short.map((disk) => [diskWord(disk), 0]))
  return {
    scope: {
      words: words.join('; '),
      on: approved?.on ?? (cleanable.length === 0 ? {} : { [WRITTEN_BEFORE]: momentWord(before) }),
      bounds: { ...disks, ...files, ...sizes },
    },
    needs: sizes,
  }
}

async function lookAt(tools: Tools, { target, run }: Case<Options>, before: number) {
  const ec2 = target.ec2!
  const script: Script = {
    name: 'free-disk look',
    instances: ec2.instances,
    lines: lookLines(ec2, before),
    seconds: LOOK_SECONDS,
  }
  return readLook(await ask(tools, script, run), ec2.clean)
}

async function growable(tools: Tools, { target, options }: Case<Options>, lack: Disk[]) {
  const grow: Volume[] = []
  const refused: string[] = []
  if (target.ebs === undefined || options.maxGiB === undefined || lack.length === 0) return { grow, refused }
  for (const found of await volumesOn(tools, target.ebs.volumes, lack)) {
    if ('why' in found) refused.push(found.why)
    else {
      const next = grown(found.volume.gib, options.growPercent, options.maxGiB)
      if (next > found.volume.gib) grow.push({ ...found.volume, next })
      else refused.push(`${found.volume.id} is at its cap of ${options.maxGiB} GiB`)
    }
  }
  return { grow, refused }
}

function told(disks: Disk[], cleanable: Cleanable[]): string {
  const [worst] = [...disks].sort((a, b) => scarcer(a).percent - scarcer(b).percent)
  if (!worst) return 'no file system could be read'
  const { of, percent } = scarcer(worst)
  const free =
    of === 'bytes'
      ? `${bytes(worst.available)} of ${bytes(worst.size)} free`
      : `${worst.inodes!.free.toLocaleString('en')} of ${worst.inodes!.total.toLocaleString('en')} inodes free`
  const total = cleanable.reduce((sum, { bytes }) => sum + bytes, 0)
  const files = cleanable.reduce((sum, { files }) => sum + files, 0)
  return `${worst.mount} of ${worst.machine} has ${free} (${Math.floor(percent)} %); ${plural(files, 'file')} with ${bytes(total)} may be cleaned`
}

const volumePermissions = (volumes: string[], place: Parameters<typeof arnOf>[0]): Statement[] => [
  {
    actions: ['ec2:DescribeVolumes', 'ec2:DescribeVolumesModifications'],
    resources: ['*'],
    why: 'EC2 has no permission to describe one volume',
  },
  { actions: ['ec2:ModifyVolume'], resources: volumes.map((id) => arnOf(place, 'ec2', `volume/${id}`)) },
]
