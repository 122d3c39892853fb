// A snoozed incident: quiet until the snooze is over or a new service joins.
import type { Clock } from '../due/clock.ts'
import { plural } from '../words/words.ts'

export const snooze: Clock = ({ id, status, snoozed, acknowledged, firing }) => {
  if (status !== 'snoozed' || !snoozed) return []
  const { until } = snoozed
  return [
    {
      at: until,
      act(draft) {
        draft.move(id, 'wake', until)
        if (acknowledged) draft.move(id, 'acknowledge', until)
        delete draft.edit(id).snoozed
        const verb = firing === 1 ? 'fires' : 'fire'
        draft.note(id, { at: until, kind: 'woke', text: `The snooze is over: ${plural(firing, 'alarm')} ${verb}` })
      },
    },
  ]
}
