// Removes what was declared as cleanable, and compares what came free with what was meant to.
import { bytes } from '../../core/words/units.ts'
import { enumerate, plural } from '../../core/words/words.ts'
import { Refused } from '../../ports/tools.ts'
import { runOnce, type Script, type Sent } from '../parts/shell.ts'
import type { Case, Step } from '../runbook.ts'
import type { Cleanable, Disk } from './disk.ts'
import type { Facts } from './machines.ts'
import type { Options } from './options.ts'
import { cleanLines, readLook, type Read } from './scripts.ts'

const CLEAN_SECONDS = 900
const AGAIN_SECONDS = 5

export function cleanStep({ cleanable, short, before }: Facts, { target, run, since }: Case<Options>): Step {
  const where = [...new Set(cleanable.map(({ machine }) => machine))]
  const paths = [...new Set(cleanable.map(({ path }) => path))]
  const script: Script = {
    name: 'free-disk clean',
    instances: where,
    lines: cleanLines({ ...target.ec2!, clean: paths }, before),
    seconds: CLEAN_SECONDS,
  }
  const writtenBefore = new Date(before * 1000).toISOString()
  return {
    name: `Clean ${enumerate(paths)}`,
    calls: paths.map(
      (path) =>
        `ssm SendCommand AWS-RunShellScript on ${where.join(', ')}: find ${path} -type f ! -newermt ${writtenBefore}, neither open nor linked twice, -delete`,
    ),
    touches: `${amount(cleanable)}, on ${plural(where.length, 'machine')}`,
    withinSeconds: CLEAN_SECONDS * 2,
    async turn(tools, state) {
      const { sent, printed } = await runOnce(tools, script, { run, since }, state as Sent | undefined)
      if (!printed) return { going: 'files are being removed', againInSeconds: AGAIN_SECONDS, state: sent }
      return { done: achieved(short, cleanable, readLook(printed, paths)), state: sent }
    },
  }
}

const sumOf = (all: readonly Cleanable[], of: 'bytes' | 'files'): number => all.reduce((sum, one) => sum + one[of], 0)
const amount = (all: readonly Cleanable[]): string =>
  `${sumOf(all, 'files').toLocaleString('en')} ${sumOf(all, 'files') === 1 ? 'file' : 'files'}, ${bytes(sumOf(all, 'bytes'))}`

/** What came free may be filled again meanwhile; less than this share of it, and it did not come free at all. */
const SHARE_LEAST = 0.1

/** Throws where hardly anything was removed, or hardly anything came free by it. */
function achieved(short: Disk[], meant: Cleanable[], { disks, cleanable: left, problems }: Read): string {
  const [files, size] = [sumOf(meant, 'files'), sumOf(meant, 'bytes')]
  const said = Object.entries(problems).map(([machine, problem]) => ` (${machine}: ${problem})`)[0] ?? ''
  const removed = files - Math.min(files, sumOf(onlyMeant(left, meant), 'files'))
  if (removed < files * SHARE_LEAST) throw new Refused(`${removed} of ${plural(files, 'file')} could be removed${said}`)
  const now = short.flatMap((was) => {
    const is = disks.find((one) => one.machine === was.machine && one.mount === was.mount)
    return is ? [{ was, is }] : []
  })
  const freed = now.reduce((sum, { was, is }) => sum + is.available - was.available, 0)
  const nodes = now.reduce((sum, { was, is }) => sum + (is.inodes?.free ?? 0) - (was.inodes?.free ?? 0), 0)
  if (freed < size * SHARE_LEAST && nodes < files * SHARE_LEAST)
    throw new Refused(
      `${amount(meant)} were removed, and only ${bytes(Math.max(0, freed))} came free: something else fills the disk, or a process holds them`,
    )
  return enumerate(now.map(({ is }) => `${is.mount} of ${is.machine} has ${bytes(is.available)} free`)) + said
}

const onlyMeant = (left: readonly Cleanable[], meant: readonly Cleanable[]): Cleanable[] =>
  left.filter((one) => meant.some(({ machine, path }) => machine === one.machine && path === one.path))
