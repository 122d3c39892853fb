// The flapping rule: alarms that keep changing hold their incident open until all of them are steady. People hear of the first one, and of the end.
import type { Draft } from '../incident/draft.ts'
import type { Clock } from '../due/clock.ts'
import { enumerate } from '../words/words.ts'
import type { Sighting } from './sighting.ts'

export function flap(draft: Draft, id: string, { after: alarm, fired }: Sighting): void {
  const { changes, withinSeconds } = draft.rules.config.correlation.flap
  if (alarm.changes.length < changes) return
  const flips = fired.flatMap(({ from, until }) => (until === undefined ? [from] : [from, until]))
  const first = flips.at(-changes)
  if (first === undefined || flips.at(-1)! - first > withinSeconds * 1000) return
  const incident = draft.edit(id)
  const isFirst = Object.keys(incident.flapping ?? {}).length === 0
  incident.flapping = { ...incident.flapping, [alarm.key]: { name: alarm.name, until: first + withinSeconds * 1000 } }
  if (!isFirst) return
  const minutes = Math.ceil((flips.at(-1)! - first) / 60_000)
  const text = `${alarm.name} is flapping: ${changes} changes within ${minutes} minutes. The incident stays open until it is steady`
  draft.note(id, { at: flips.at(-1)!, kind: 'flapping', text, service: alarm.service })
}

/** An alarm that has not changed for long enough counts as steady. One that flaps again before the last is steady was never told apart from it. */
export const steady: Clock = ({ id, flapping = {} }) => {
  const flappers = Object.values(flapping)
  if (flappers.length === 0) return []
  const at = Math.max(...flappers.map(({ until }) => until))
  const names = flappers.map(({ name }) => name).sort()
  return [
    {
      at,
      act(draft) {
        const edited = draft.edit(id)
        edited.steadyAt = Math.max(at, edited.steadyAt ?? 0)
        edited.flapping = {}
        const text = `${enumerate(names)} ${names.length === 1 ? 'is' : 'are'} steady again`
        draft.note(id, { at, kind: 'steady', text })
      },
    },
  ]
}
