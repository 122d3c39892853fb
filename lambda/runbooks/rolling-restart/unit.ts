// A rolling restart of a systemd unit on the machines of a service, through Systems Manager.
import { hash } from 'node:crypto'
import { batchOf } from '../parts/batches.ts'
import type { Target } from '../../core/services/config.ts'
import { plural } from '../../core/words/words.ts'
import type { Tools } from '../../ports/tools.ts'
import type { Step } from '../runbook.ts'
import type { Kind } from '../parts/kind.ts'
import { latencyNow, stopIfWorse, type Watching } from '../parts/latency.ts'
import { metricPermissions } from '../parts/metric.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import { ask, quoted, runOnce, shellPermissions, type Printed, type Script, type Sent } from '../parts/shell.ts'
import type { RestartOptions } from './options.ts'

interface Facts {
  machines: string[]
  batch: number
  latency: number | null
}

/** systemd: a unit has 90 s to stop and 90 s to start by default; then it must stay up for a while. */
const SCRIPT_SECONDS = 240
const LOOK_SECONDS = 30
const AGAIN_SECONDS = 5

export const unit: Kind<RestartOptions, Facts> = {
  async look(tools, { target, options, run }) {
    const { unit, machines } = unitOf(target)
    const batch = batchOf(machines.length, options.batchPercent)
    const latency = (await latencyNow(tools, target, options)) ?? null
    const printed = await ask(tools, statesOf(unit, machines), run)
    const stop = whyNot(PRECONDITIONS, { unit, printed })
    const down = machines.filter((id) => propertyIn(printed[id], 'ActiveState') !== 'active')
    return {
      found: `${unit} on ${plural(machines.length, 'machine')}, in batches of ${batch}; it runs on ${machines.length - down.length}`,
      facts: { machines, batch, latency },
      scope: { words: `${unit} on ${machines.join(', ')}`, on: { unit, machines: machines.join(', ') } },
      ...(stop !== undefined && { stop }),
    }
  },

  steps: (facts, { target, options, run, since }) => [restartUnit({ target, options, facts, run, since })],

  permissions: ({ ec2 }, _, place) => [...shellPermissions(ec2!, place), ...metricPermissions()],
}

export const unitOf = ({ ec2 }: Target): { unit: string; machines: string[] } => ({
  unit: ec2!.unit!,
  machines: ec2!.instances,
})

const statesOf = (unit: string, instances: string[]): Script => ({
  name: `state of ${unit}`,
  instances,
  lines: [stateLine(unit)],
  seconds: LOOK_SECONDS,
})

export const stateLine = (unit: string): string =>
  `systemctl show -p LoadState -p ActiveState -p CanStart -p CanStop -- ${quoted(unit)}`

/** What `systemctl show` prints of a property. */
export const propertyIn = (printed: string | undefined, name: string): string | undefined =>
  new RegExp(`^${name}=(.*)$`, 'm').exec(printed ?? '')?.[1]

export interface SeenUnit {
  unit: string
  /** By machine. */
  printed: Printed
}

type Why = (value: string, unit: string, id: string) => string | undefined

/** The same of each machine. */
const each = (property: string, must: string, why: Why): Precondition<[SeenUnit]> => ({
  field: `${property} of \`systemctl show\``,
  must,
  stops({ unit, printed }) {
    for (const [id, text] of Object.entries(printed)) {
      const said = why(propertyIn(text, property) ?? '', unit, id)
      if (said !== undefined) return said
    }
    return undefined
  },
})

const refuses: Why = (value, unit, id) =>
  value === 'no' ? `${unit} on ${id} may not be restarted by hand (RefuseManualStart, RefuseManualStop)` : undefined

export const PRECONDITIONS: readonly Precondition<[SeenUnit]>[] = [
  each('LoadState', '`loaded` on each machine', (state, unit, id) =>
    state === 'loaded'
      ? undefined
      : state === 'not-found'
        ? `there is no unit ${unit} on ${id}`
        : `${unit} is ${state || 'not known'} on ${id}`,
  ),
  each('ActiveState', '`active`, `activating` or `failed` on each machine', (state, unit, id) =>
    state === 'inactive'
      ? `${unit} is stopped on ${id} and has not failed: whoever stopped it starts it again`
      : ['active', 'activating', 'failed'].includes(state)
        ? undefined
        : `${unit} is ${state || 'in no known state'} on ${id}: somebody is at it`,
  ),
  each('CanStart', 'not `no`', refuses),
  each('CanStop', 'not `no`', refuses),
]

const marker = (run: string, name: string): string =>
  `/run/tocsin-${hash('sha256', `${run} ${name}`, 'hex').slice(0, 16)}`

/**
 * Restarts, and succeeds only if the same process is still up a few seconds later: a unit that systemd starts again and again is active now and then.
 * A unit that has failed too often is not started before that is reset (`reset-failed` in systemctl(1)). A folder in /run says that a run has done it
 * already: the list in which it finds its own command after a crash is behind by seconds.
 */
const restartScript = (unit: string, instances: string[], name: string, run: string): Script => ({
  name,
  instances,
  lines: [
    'set -eu',
    `if mkdir ${quoted(marker(run, name))} 2>/dev/null; then systemctl reset-failed -- ${quoted(unit)} 2>/dev/null || true; systemctl restart -- ${quoted(unit)}; elif [ ! -d ${quoted(marker(run, name))} ]; then echo 'cannot write to /run' >&2; exit 1; fi`,
    `pid=$(systemctl show -p MainPID -- ${quoted(unit)})`,
    'sleep 5',
    `systemctl is-active -- ${quoted(unit)}`,
    `[ "$pid" = "$(systemctl show -p MainPID -- ${quoted(unit)})" ] || { echo 'it came up and ended again within 5 s' >&2; exit 1; }`,
  ],
  seconds: SCRIPT_SECONDS,
})

export interface UnitRestart {
  target: Target
  options: Watching
  facts: Facts
  run: string
  since: number
}

/** The number of the batch it is at, and its command once that is sent. */
interface At {
  batch: number
  sent?: Sent
}

export function restartUnit({ target, options, facts, run, since }: UnitRestart): Step {
  const { unit } = unitOf(target)
  const { machines, batch, latency } = facts
  const batches = Math.ceil(machines.length / batch)
  const turn = async (tools: Tools, state: unknown) => {
    const { batch: at, sent: known } = (state ?? { batch: 0 }) as At
    const part = machines.slice(at * batch, (at + 1) * batch)
    const script = restartScript(unit, part, `restart ${unit} ${at + 1} of ${batches}`, run)
    const { sent, printed } = await runOnce(tools, script, { run, since }, known)
    if (!printed)
      return {
        going: `${at * batch} of ${machines.length} restarted`,
        againInSeconds: AGAIN_SECONDS,
        state: { batch: at, sent } satisfies At,
      }
    if (at + 1 === batches) return { done: `${unit} restarted on ${plural(machines.length, 'machine')}` }
    await stopIfWorse(tools, target, options, latency)
    return {
      going: `${(at + 1) * batch} of ${machines.length} restarted`,
      againInSeconds: 1,
      state: { batch: at + 1 } satisfies At,
    }
  }
  return {
    name: `Restart ${unit} on ${plural(machines.length, 'machine')}, ${batch} at a time`,
    calls: [`ssm SendCommand AWS-RunShellScript on ${machines.join(', ')}: systemctl restart ${unit}`],
    touches: plural(machines.length, 'machine'),
    withinSeconds: batches * (SCRIPT_SECONDS + LOOK_SECONDS),
    turn,
  }
}
