// A rolling restart of a systemd unit on the machines of a service, through Systems Manager.
import { batchOf } from '../parts/batches.ts'
import type { Target } from '../../core/services/config.ts'
import { plural } from '../../core/words/words.ts'
import type { Tools } from '../../ports/tools.ts'
import type { Step } from '../runbook.ts'
import type { Kind } from '../parts/kind.ts'
import { latencyNow, stopIfWorse, type Watching } from '../parts/latency.ts'
import { metricPermissions } from '../parts/metric.ts'
import { ask, quoted, runOnce, shellPermissions, type Script } from '../parts/shell.ts'
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
    const missing = machines.filter((id) => !/^LoadState=loaded$/m.test(printed[id] ?? ''))
    const down = machines.filter((id) => !/^ActiveState=active$/m.test(printed[id] ?? ''))
    return {
      found: `${unit} on ${plural(machines.length, 'machine')}, in batches of ${batch}; it runs on ${machines.length - down.length}`,
      facts: { machines, batch, latency },
      scope: { words: `${unit} on ${machines.join(', ')}`, on: { unit, machines: machines.join(', ') } },
      ...(missing.length > 0 && { stop: `there is no unit ${unit} on ${missing.join(', ')}` }),
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
  lines: [`systemctl show -p LoadState -p ActiveState -- ${quoted(unit)}`],
  seconds: LOOK_SECONDS,
})

/** Restarts, and succeeds only if it is still up a few seconds later. */
const restartScript = (unit: string, instances: string[], name: string): Script => ({
  name,
  instances,
  lines: ['set -eu', `systemctl restart -- ${quoted(unit)}`, 'sleep 5', `systemctl is-active -- ${quoted(unit)}`],
  seconds: SCRIPT_SECONDS,
})

export interface UnitRestart {
  target: Target
  options: Watching
  facts: Facts
  run: string
  since: number
}

/** Its state is the number of the batch it is at. */
export function restartUnit({ target, options, facts, run, since }: UnitRestart): Step {
  const { unit } = unitOf(target)
  const { machines, batch, latency } = facts
  const batches = Math.ceil(machines.length / batch)
  const turn = async (tools: Tools, state: unknown) => {
    const at = typeof state === 'number' ? state : 0
    const part = machines.slice(at * batch, (at + 1) * batch)
    const script = restartScript(unit, part, `restart ${unit} ${at + 1} of ${batches}`)
    if ((await runOnce(tools, script, { run, since })) === undefined)
      return { going: `${at * batch} of ${machines.length} restarted`, againInSeconds: AGAIN_SECONDS, state: at }
    if (at + 1 === batches) return { done: `${unit} restarted on ${plural(machines.length, 'machine')}` }
    await stopIfWorse(tools, target, options, latency)
    return { going: `${(at + 1) * batch} of ${machines.length} restarted`, againInSeconds: 1, state: at + 1 }
  }
  return {
    name: `Restart ${unit} on ${plural(machines.length, 'machine')}, ${batch} at a time`,
    calls: [`ssm SendCommand AWS-RunShellScript on ${machines.join(', ')}: systemctl restart ${unit}`],
    touches: plural(machines.length, 'machine'),
    withinSeconds: batches * (SCRIPT_SECONDS + LOOK_SECONDS),
    turn,
  }
}
