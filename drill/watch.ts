// Watches a world second by second: its curves, its alarms, and since when it is well.
import type { Plan } from './world/plan/schema.ts'
import type { CurvePlan } from './world/plan/schema-watch.ts'
import { nameOf, type SimulatedWorld } from './world/world.ts'

export interface Watched {
  see(events: readonly object[]): void
  /** Seconds of the drill. */
  alarms: { second: number; name: string; state: string; value: number | null }[]
  firstAlarm?: number
  /** Since when nothing is amiss; unset while something is. */
  healthySince?: number
  /** Whether anything was ever amiss. */
  wasIll: boolean
  /** Per second, from the first. */
  curves: (CurvePlan & { values: number[] })[]
}

interface AlarmEvent {
  detail: { alarmName: string; state: { value: string; reasonData: string } }
}

export function watcher(world: SimulatedWorld): Watched {
  const watched: Watched = {
    alarms: [],
    wasIll: false,
    curves: curvesOf(world.plan).map((curve) => ({ ...curve, values: [] })),
    see(events) {
      for (const { detail } of events as AlarmEvent[]) {
        const { recentDatapoints } = JSON.parse(detail.state.reasonData) as { recentDatapoints: (number | null)[] }
        const state = detail.state.value
        watched.alarms.push({
          second: world.second,
          name: detail.alarmName,
          state,
          value: recentDatapoints.at(-1) ?? null,
        })
        if (state === 'ALARM') watched.firstAlarm ??= world.second
      }
      for (const { measures, values } of watched.curves)
        values.push(world.value(measures, measures.value === 'latencySeconds' ? 'p99' : 'Average', 1) ?? 0)
      const isIll = world.complaints().length > 0
      if (isIll) {
        watched.wasIll = true
        delete watched.healthySince
      } else watched.healthySince ??= world.second
    },
  }
  return watched
}

const CURVES_MOST = 4

/** What the world defines as healthy, or else what its alarms measure. */
function curvesOf({ curves, alarms }: Plan): CurvePlan[] {
  if (curves) return curves
  return Object.entries(alarms)
    .flatMap(([name, { measures }]) => (measures ? [{ title: name.slice(0, 24), measures }] : []))
    .filter(({ measures }, place, all) => all.findIndex((one) => nameOf(one.measures) === nameOf(measures)) === place)
    .slice(0, CURVES_MOST)
}
