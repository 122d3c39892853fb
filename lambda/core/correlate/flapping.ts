// The flapping rule: an alarm that goes back and forth keeps its incident open until it is steady, and is told once.
import type { Draft } from '../incident/draft.ts'
import type { Incident } from '../incident/incident.ts'
import type { News } from './sighting.ts'
import type { Rules } from '../services/rules.ts'

export function flap(draft: Draft, id: string, { after: alarm, fired }: News, rules: Rules): void {
  const { changes, withinSeconds } = rules.config.correlation.flap
  const flips = fired.flatMap(({ from, until }) => (until === undefined ? [from] : [from, until]))
  const first = flips.at(-changes)
  if (first === undefined || flips.at(-1)! - first > withinSeconds * 1000) return
  const incident = draft.edit(id)
  const began = incident.flapping?.[alarm.key] === undefined
  incident.flapping = { ...incident.flapping, [alarm.key]: { name: alarm.name, until: first + withinSeconds * 1000 } }
  if (began)
    draft.note(
      id,
      flips.at(-1)!,
      'flapping',
      `${alarm.name} is flapping: ${changes} changes within ${Math.ceil((flips.at(-1)! - first) / 60_000)} minutes. The incident stays open until it is steady`,
    )
}

export function calm(draft: Draft, { id, flapping }: Incident, now: number): void {
  for (const [key, { name, until }] of Object.entries(flapping!)) {
    if (until > now) continue
    const edited = draft.edit(id)
    edited.flapping = Object.fromEntries(Object.entries(edited.flapping!).filter(([other]) => other !== key))
    draft.note(id, until, 'steady', `${name} is steady again`)
  }
}
