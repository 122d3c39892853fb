// Removes what was declared as cleanable, and compares what came free with what was meant to.
import { bytes } from '../../core/words/units.ts'
import { enumerate, plural } from '../../core/words/words.ts'
import { Refused } from '../../ports/tools.ts'
import { runOnce, type Script, type Sent } from '../parts/shell.ts'
import type { Case, Step } from '../runbook.ts'
import { scarcer, type Cleanable, type Disk } from './disk.ts'
import type { Facts } from './machines.ts'
import type { Options } from './options.ts'
import { cleanLines, readLook, type Read } from './scripts.ts'

const CLEAN_SECONDS = 900
const AGAIN_SECONDS = 5

/** One command for each machine: what may be removed there is another matter on the next. */
export function cleanStep({ cleanable, short, before }: Facts, { target, run, since }: Case<Options>): Step {
  const machines = [...new Set(cleanable.map(({ machine }) => machine))]
  const writtenBefore = new Date(before * 1000).toISOString()
  const parts = machines.map((machine) => {
    const meant = cleanable.filter((one) => one.machine === machine)
    const paths = meant.map(({ path }) => path)
    const script: Script = {
      name: `free-disk clean ${machine}`,
      instances: [machine],
      lines: cleanLines({ ...target.ec2!, clean: paths }, before),
      seconds: CLEAN_SECONDS,
    }
    return { machine, meant, paths, script, disks: short.filter((disk) => disk.machine === machine) }
  })
  return {
    name: `Clean ${enumerate([...new Set(cleanable.map(({ path }) => path))])}`,
    calls: parts.flatMap(({ machine, paths }) =>
      paths.map(
        (path) =>
          `ssm SendCommand AWS-RunShellScript on ${machine}: find ${path} -xdev -type f -links 1 ! -newermt ${writtenBefore} ! -newerct ${writtenBefore}, nothing that is hidden or open, -delete`,
      ),
    ),
    touches: `${amount(cleanable)}, on ${plural(machines.length, 'machine')}; they cannot be restored`,
    withinSeconds: CLEAN_SECONDS * 2,
    async turn(tools, state) {
      const sent = { ...(state as Record<string, Sent> | undefined) }
      const done: string[] = []
      const failed: string[] = []
      for (const { machine, meant, paths, script, disks } of parts) {
        const went = await runOnce(tools, script, { run, since }, sent[machine])
        sent[machine] = went.sent
        if (!went.printed) continue
        const { text, isEnough } = achieved(disks, meant, readLook(went.printed, paths))
        ;(isEnough ? done : failed).push(text)
      }
      if (done.length + failed.length < parts.length)
        return { going: 'files are being removed', againInSeconds: AGAIN_SECONDS, state: sent }
      if (failed.length > 0) throw new Refused([...failed, ...done].join('; '))
      return { done: done.join('; '), state: sent }
    },
  }
}

const sumOf = (all: readonly Cleanable[], of: 'bytes' | 'files'): number => all.reduce((sum, one) => sum + one[of], 0)
const amount = (all: readonly Cleanable[]): string =>
  `${sumOf(all, 'files').toLocaleString('en')} ${sumOf(all, 'files') === 1 ? 'file' : 'files'}, ${bytes(sumOf(all, 'bytes'))}`

/** What came free may be filled again meanwhile; less than this share of it, and it did not come free at all. */
const SHARE_LEAST = 0.1

/** On one machine: whether what was short came free, of bytes or of inodes. */
function achieved(short: Disk[], meant: Cleanable[], { disks, cleanable: left, problems }: Read) {
  const [machine] = meant.map((one) => one.machine)
  const why = Object.values(problems)[0]
  const said = why === undefined ? '' : ` (${why})`
  const failed = (text: string) => ({ isEnough: false, text: `${text}${said}` })
  const files = sumOf(meant, 'files')
  const removed = files - Math.min(files, sumOf(left, 'files'))
  if (removed < files * SHARE_LEAST)
    return failed(`${removed} of ${plural(files, 'file')} on ${machine} could be removed`)
  const now: string[] = []
  for (const was of short) {
    const here = meant.filter(({ mount }) => mount === was.mount)
    const is = disks.find(({ mount }) => mount === was.mount)
    if (!is) return failed(`nobody knows how much is free on ${was.mount} of ${machine} now`)
    const { of } = scarcer(was)
    const freed = of === 'bytes' ? is.available - was.available : (is.inodes?.free ?? 0) - was.inodes!.free
    if (freed < sumOf(here, of === 'bytes' ? 'bytes' : 'files') * SHARE_LEAST)
      return failed(
        `${amount(here)} were removed on ${machine}, and ${freed <= 0 ? 'nothing' : 'hardly anything'} came free on ${was.mount}: something else fills it, or a process holds them`,
      )
    now.push(`${is.mount} of ${machine} has ${bytes(is.available)} free`)
  }
  return { isEnough: true, text: enumerate(now) + said }
}
