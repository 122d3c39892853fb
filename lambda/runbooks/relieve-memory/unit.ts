// Memory of a systemd unit: restarts it on the one machine where it uses most.
import { bytes } from '../../core/words/units.ts'
import { enumerate, plural } from '../../core/words/words.ts'
import type { Kind } from '../parts/kind.ts'
import { latencyNow } from '../parts/latency.ts'
import { metricPermissions } from '../parts/metric.ts'
import { ask, quoted, shellPermissions } from '../parts/shell.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import {
  PRECONDITIONS as RESTARTED,
  propertyIn,
  restartUnit,
  stateLine,
  unitOf,
  type SeenUnit,
} from '../rolling-restart/unit.ts'
import { Refused } from '../../ports/tools.ts'
import type { Options } from './options.ts'

interface Facts {
  machine: string
  latency: number | null
}

const LOOK_SECONDS = 30

export const unit: Kind<Options, Facts> = {
  async look(tools, { target, options, run, approved }) {
    const { unit, machines } = unitOf(target)
    const lines = [
      stateLine(unit),
      `systemctl show -p MemoryCurrent -- ${quoted(unit)}`,
      `awk '/^Mem(Total|Available):/ { print $1 $2 * 1024 }' /proc/meminfo`,
    ]
    const script = { name: `memory of ${unit}`, instances: machines, lines, seconds: LOOK_SECONDS }
    const printed = await ask(tools, script, run)
    const wanted = approved?.on['machine']
    const users = machines
      .filter((id) => wanted === undefined || id === wanted)
      .map((id) => ({ id, ...memoryIn(printed[id]) }))
    const worst = users.toSorted((a, b) => (b.used ?? 0) - (a.used ?? 0))[0]
    if (!worst) throw new Refused(`${wanted ?? 'it'} is no machine of the service any more`)
    const stop = whyNot(PRECONDITIONS, { unit, printed, users, worst, options })
    return {
      found: told(unit, worst, machines.length),
      facts: { machine: worst.id, latency: (await latencyNow(tools, target, options)) ?? null },
      scope: { words: `${unit} on ${worst.id}`, on: { unit, machine: worst.id } },
      ...(stop !== undefined && { stop }),
    }
  },

  steps: ({ machine, latency }, { target, options, run, since }) => [
    restartUnit({ target, options, facts: { machines: [machine], batch: 1, latency }, run, since }),
  ],

  permissions: ({ ec2 }, _, place) => [...shellPermissions(ec2!, place), ...metricPermissions()],
}

interface User {
  id: string
  /** Bytes; undefined where systemd does not count them. */
  used: number | undefined
  /** Of the machine's memory that is in use. */
  percent: number | undefined
}

const told = (unit: string, { id, used, percent }: User, machines: number): string =>
  used === undefined || percent === undefined
    ? `how much memory ${unit} uses is not known`
    : `${unit} uses ${bytes(used)} on ${id}, most of ${plural(machines, 'machine')}; ${Math.round(percent)} % of that machine is in use`

/** systemd prints "[not set]" if memory accounting is off. */
function memoryIn(text: string | undefined): Pick<User, 'used' | 'percent'> {
  const number = (value: string | undefined): number | undefined =>
    value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
  const kernels = (name: string) => number(new RegExp(`^${name}:(.*)$`, 'm').exec(text ?? '')?.[1])
  const [total, available] = [kernels('MemTotal'), kernels('MemAvailable')]
  return {
    used: counted(number(propertyIn(text, 'MemoryCurrent'))),
    percent: total === undefined || total === 0 || available === undefined ? undefined : (1 - available / total) * 100,
  }
}

/** systemd 219, as on Amazon Linux 2, prints the largest number that there is instead of "[not set]". */
const counted = (value: number | undefined): number | undefined =>
  value === undefined || value >= 2 ** 63 ? undefined : value

interface Seen extends SeenUnit {
  users: User[]
  worst: User
  options: Options
}

export const PRECONDITIONS: readonly Precondition<[Seen]>[] = [
  ...RESTARTED,
  {
    field: 'MemoryCurrent of `systemctl show`',
    must: 'a number on each machine: without it nobody knows which uses most',
    stops({ unit, users }) {
      const silent = users.filter(({ used }) => used === undefined)
      return silent.length === 0
        ? undefined
        : `systemd does not say how much memory ${unit} uses on ${enumerate(silent.map(({ id }) => id))}: set MemoryAccounting=yes`
    },
  },
  {
    field: 'MemTotal, MemAvailable of `/proc/meminfo`',
    must: 'at least `abovePercent` of the machine is in use',
    stops({ worst: { id, percent }, options: { abovePercent } }) {
      if (percent === undefined) return `how much memory is in use on ${id} is not known`
      return percent < abovePercent ? `less than ${abovePercent} % of that machine's memory is in use` : undefined
    },
  },
]
