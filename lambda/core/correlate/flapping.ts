// The flapping rule: an alarm that keeps changing holds its incident open until it is steady, and is told once.
import type { Draft } from '../incident/draft.ts'
import type { Clock } from '../due/clock.ts'
import type { Sighting } from './sighting.ts'

export function flap(draft: Draft, id: string, { after: alarm, fired }: Sighting): void {
  const { changes, withinSeconds } = draft.rules.config.correlation.flap
  if (alarm.changes.length < changes) return
  const flips = fired.flatMap(({ from, until }) => (until === undefined ? [from] : [from, until]))
  const first = flips.at(-changes)
  if (first === undefined || flips.at(-1)! - first > withinSeconds * 1000) return
  const incident = draft.edit(id)
  const began = incident.flapping?.[alarm.key] === undefined
  incident.flapping = { ...incident.flapping, [alarm.key]: { name: alarm.name, until: first + withinSeconds * 1000 } }
  if (!began) return
  const minutes = Math.ceil((flips.at(-1)! - first) / 60_000)
  const text = `${alarm.name} is flapping: ${changes} changes within ${minutes} minutes. The incident stays open until it is steady`
  draft.note(id, { at: flips.at(-1)!, kind: 'flapping', text, service: alarm.service })
}

/** An alarm that has not changed for long enough counts as steady. */
export const steady: Clock = ({ id, flapping = {} }) =>
  Object.entries(flapping).map(([key, { name, until }]) => ({
    at: until,
    act(draft) {
      const edited = draft.edit(id)
      edited.steadyAt = Math.max(until, edited.steadyAt ?? 0)
      edited.flapping = Object.fromEntries(Object.entries(edited.flapping!).filter(([other]) => other !== key))
      draft.note(id, { at: until, kind: 'steady', text: `${name} is steady again` })
    },
  }))
