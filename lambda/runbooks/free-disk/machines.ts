// Makes room on machines: cleans what is declared as cleanable and, if that is not enough, grows the volume and its file system.
import type { Target } from '../../core/services/config.ts'
import { bytes } from '../../core/words/units.ts'
import { freePercentOf, grown, lacking, type Cleanable, type Disk } from './disk.ts'
import { enumerate, plural } from '../../core/words/words.ts'
import { arnOf } from '../parts/arn.ts'
import type { Kind } from '../parts/kind.ts'
import { ask, runOnce, shellPermissions, type Script } from '../parts/shell.ts'
import type { Case, Statement, Step, Tools, Look, Scope } from '../runbook.ts'
import type { Options } from './options.ts'
import { cleanLines, lookLines, readLook } from './scripts.ts'
import { growSteps, volumesOn, type Volume } from './volumes.ts'

interface Facts {
  short: Disk[]
  cleanable: Cleanable[]
  grow: Volume[]
}

/** `find` over millions of files takes a while. */
const LOOK_SECONDS = 120
const CLEAN_SECONDS = 900
const AGAIN_SECONDS = 5

export const machines: Kind<Options, Facts> = {
  async look(tools, about) {
    const { target, options, run, approved } = about
    const { disks, cleanable } = await lookAt(tools, target, options, run)
    const short = disks.filter(
      (disk) => freePercentOf(disk) < options.freePercent && mayTouch(approved, diskWord(disk)),
    )
    const where = short.map((disk) => disk.machine)
    const useful = cleanable.filter(
      (one) => where.includes(one.machine) && one.bytes > 0 && mayTouch(approved, filesWord(one)),
    )
    const lack = short.filter((disk) => lacking(disk, disks, useful, options.freePercent) > 0)
    const grow = lack.length === 0 || !mayGrow(about) ? [] : await growable(tools, about, lack)
    const facts = { short, cleanable: useful, grow }
    const found = told(disks, useful)
    const stop = whyNot(facts, about, lack)
    return { found, facts, ...scopeOf(facts, options), ...(stop !== undefined && { stop }) }
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

const diskWord = ({ machine, mount }: Disk): string => `${mount} of ${machine}`
const filesWord = ({ machine, path }: Cleanable): string => `files in ${path} of ${machine}`
const volumeWord = ({ id, machine }: Volume): string => `GiB of ${id} on ${machine}`

/** Only what the question named; before anybody was asked, everything. */
const mayTouch = (approved: Scope | undefined, word: string): boolean =>
  !approved || Object.hasOwn(approved.bounds ?? {}, word) || Object.hasOwn(approved.on, word)

function scopeOf({ short, cleanable, grow }: Facts, options: Options): Pick<Look<Facts>, 'scope' | 'needs'> {
  const sizes = Object.fromEntries(grow.map((volume) => [volumeWord(volume), volume.next]))
  const words = [
    ...cleanable.map(
      ({ path, machine, files }) =>
        `files in ${path} of ${machine} older than ${options.olderThanMinutes} min (${files.toLocaleString('en')} now)`,
    ),
    ...grow.map(({ id, machine, gib, next }) => `${id} of ${machine}, ${gib} → ${next} GiB`),
  ]
  const files = Object.fromEntries(cleanable.map((one) => [filesWord(one), 0]))
  const disks = Object.fromEntries(short.map((disk) => [diskWord(disk), 0]))
  return { scope: { words: words.join('; '), on: {}, bounds: { ...disks, ...files, ...sizes } }, needs: sizes }
}

const mayGrow = ({ target, options }: Case<Options>): boolean =>
  target.ebs !== undefined && options.maxGiB !== undefined

async function lookAt(tools: Tools, { ec2 }: Target, { olderThanMinutes }: Options, run: string) {
  const script: Script = {
    name: 'free-disk look',
    instances: ec2!.instances,
    lines: lookLines(ec2!, olderThanMinutes),
    seconds: LOOK_SECONDS,
  }
  return readLook(await ask(tools, script, run), ec2!.clean)
}

async function growable(tools: Tools, { target, options }: Case<Options>, lack: Disk[]): Promise<Volume[]> {
  const volumes = await volumesOn(tools, target.ebs!.volumes, lack)
  return volumes
    .map((volume) => ({ ...volume, next: grown(volume.gib, options.growPercent, options.maxGiB!) }))
    .filter(({ gib, next }) => next > gib)
}

function told(disks: Disk[], cleanable: Cleanable[]): string {
  const [worst] = [...disks].sort((a, b) => freePercentOf(a) - freePercentOf(b))
  if (!worst) return 'no file system could be read'
  const total = cleanable.reduce((sum, { bytes }) => sum + bytes, 0)
  const files = cleanable.reduce((sum, { files }) => sum + files, 0)
  return `${worst.mount} of ${worst.machine} has ${bytes(worst.available)} of ${bytes(worst.size)} free (${Math.floor(freePercentOf(worst))} %); ${plural(files, 'file')} with ${bytes(total)} may be cleaned`
}

function whyNot(
  { short, cleanable, grow }: Facts,
  { target, options }: Case<Options>,
  lack: Disk[],
): string | undefined {
  if (short.length === 0) return `no file system has less than ${options.freePercent} % free`
  if (cleanable.length > 0 || grow.length > 0) return undefined
  const nothing = `nothing that is declared as cleanable is older than ${options.olderThanMinutes} min`
  if (target.ebs && options.maxGiB === undefined) return `${nothing}, and no disk may grow: set maxGiB`
  return target.ebs && lack.length > 0
    ? `${nothing}, and its volumes cannot grow: they are at ${options.maxGiB} GiB, or none is the one that is full`
    : nothing
}

function cleanStep({ cleanable, short }: Facts, { target, options, run, since }: Case<Options>): Step {
  const where = [...new Set(cleanable.map(({ machine }) => machine))]
  const paths = [...new Set(cleanable.map(({ path }) => path))]
  const total = cleanable.reduce((sum, { bytes }) => sum + bytes, 0)
  const files = cleanable.reduce((sum, { files }) => sum + files, 0)
  const script: Script = {
    name: 'free-disk clean',
    instances: where,
    lines: cleanLines({ ...target.ec2!, clean: paths }, options.olderThanMinutes),
    seconds: CLEAN_SECONDS,
  }
  return {
    name: `Clean ${enumerate(paths)}`,
    calls: paths.map(
      (path) =>
        `ssm SendCommand AWS-RunShellScript on ${where.join(', ')}: find ${path} … -mmin +${options.olderThanMinutes} -delete`,
    ),
    touches: `${plural(files, 'file')}, ${bytes(total)}, on ${plural(where.length, 'machine')}`,
    withinSeconds: CLEAN_SECONDS + LOOK_SECONDS,
    async turn(tools) {
      const printed = await runOnce(tools, script, { run, since })
      if (!printed) return { going: 'files are being removed', againInSeconds: AGAIN_SECONDS }
      const { disks } = readLook(printed, paths)
      const now = short.flatMap((disk) =>
        disks.filter((one) => one.machine === disk.machine && one.mount === disk.mount),
      )
      const free = now.map((disk) => `${disk.mount} of ${disk.machine} has ${bytes(disk.available)} free`)
      return { done: free.length > 0 ? enumerate(free) : 'cleaned' }
    },
  }
}

const volumePermissions = (volumes: string[], place: Parameters<typeof arnOf>[0]): Statement[] => [
  {
    actions: ['ec2:DescribeVolumes', 'ec2:DescribeVolumesModifications'],
    resources: ['*'],
    why: 'EC2 has no permission to describe one volume',
  },
  { actions: ['ec2:ModifyVolume'], resources: volumes.map((id) => arnOf(place, 'ec2', `volume/${id}`)) },
]
