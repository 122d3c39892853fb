// Who is called, step by step, while nobody acknowledges.
import type { Clock } from '../due/clock.ts'
import type { Config } from '../services/config.ts'
import type { Incident } from '../incident/incident.ts'
import { duration, people } from '../words/words.ts'

export const escalation: Clock = ({ id, status, waitingSince, escalated }, { rules }) => {
  const step = status === 'open' ? rules.config.escalation[escalated] : undefined
  if (!step) return []
  const at = waitingSince + step.afterSeconds * 1000
  return [
    {
      at,
      act(draft) {
        draft.edit(id).escalated += 1
        const waited = duration(step.afterSeconds * 1000)
        const text = `Nobody has acknowledged it for ${waited}: telling ${people(step.notify)}`
        draft.note(id, { at, kind: 'escalated', text })
      },
    },
  ]
}

/** Who is called: whoever acknowledged it, and the escalation step that was reached, else the first step, else the approvers. */
export function peopleFor({ escalated, acknowledged }: Incident, { escalation: steps, slack }: Config): string[] {
  const step = steps[escalated - 1] ?? steps[0]
  return [...new Set([...(acknowledged ? [acknowledged.by.id] : []), ...(step?.notify ?? slack.approvers)])]
}
