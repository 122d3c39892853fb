// Memory of a systemd unit: restarts it on the one machine where it uses most.
import { bytes } from '../../core/words/units.ts'
import { plural } from '../../core/words/words.ts'
import type { Kind } from '../parts/kind.ts'
import { latencyNow } from '../parts/latency.ts'
import { metricPermissions } from '../parts/metric.ts'
import { ask, quoted, shellPermissions } from '../parts/shell.ts'
import { restartUnit, unitOf } from '../rolling-restart/unit.ts'
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
      `systemctl show -p MemoryCurrent -- ${quoted(unit)}`,
      `awk '/^Mem(Total|Available):/ { print $1 $2 * 1024 }' /proc/meminfo`,
    ]
    const script = { name: `memory of ${unit}`, instances: machines, lines, seconds: LOOK_SECONDS }
    const printed = await ask(tools, script, run)
    const wanted = approved?.on['machine']
    const users = machines
      .filter((id) => wanted === undefined || id === wanted)
      .map((id) => ({ id, ...memoryIn(printed[id] ?? '') }))
      .sort((a, b) => b.used - a.used)
    const worst = users[0]
    if (!worst) throw new Refused(`${wanted ?? 'it'} is no machine of the service any more`)
    const stop = whyNot(worst, options)
    return {
      found: `${unit} uses ${bytes(worst.used)} on ${worst.id}, most of ${plural(machines.length, 'machine')}; ${Math.round(worst.percent)} % of that machine is in use`,
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

/** systemd prints "[not set]" if memory accounting is off. */
function memoryIn(text: string): { used: number; percent: number } {
  const number = (name: string): number => Number(new RegExp(`^${name}[=:](\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  const total = number('MemTotal')
  const percent = total === 0 ? 0 : (1 - number('MemAvailable') / total) * 100
  return { used: number('MemoryCurrent'), percent }
}

function whyNot({ used, percent }: { used: number; percent: number }, { abovePercent }: Options): string | undefined {
  if (used === 0) return 'systemd does not say how much memory the unit uses: set MemoryAccounting=yes'
  return percent < abovePercent ? `less than ${abovePercent} % of that machine's memory is in use` : undefined
}
