// Resolves an incident by itself once every alarm has recovered and stayed so for the grace time.
import type { Clock } from '../due/clock.ts'
import type { Config } from '../services/config.ts'
import { duration } from '../words/words.ts'
import { deletedIn, isActive, steadyFrom, type Incident } from './incident.ts'
import { isMitigated, leftIn } from './mitigated.ts'
import { isUnderWay } from './run.ts'

/** When it resolves by itself if nothing fires again, in ms; undefined while something fires. */
export function quietDue(incident: Incident, config: Config): number | undefined {
  if (!isActive(incident) || incident.firing > 0 || incident.quietSince === undefined) return undefined
  if (isMitigated(incident) || leftIn(incident).length > 0) return undefined
  // Relieved is not done, and nobody knows yet what the run leaves.
  if (incident.runs?.some(isUnderWay)) return undefined
  const calm = Math.max(incident.quietSince, incident.mitigated?.until ?? 0)
  return Math.max(calm + config.correlation.resolveGraceSeconds * 1000, steadyFrom(incident))
}

export const quiet: Clock = (incident, { rules }) => {
  const at = quietDue(incident, rules.config)
  if (at === undefined) return []
  return [
    {
      at,
      act(draft) {
        draft.move(incident.id, 'recover', at)
        draft.edit(incident.id).resolved = { at }
        const grace = duration(rules.config.correlation.resolveGraceSeconds * 1000)
        const deleted = deletedIn(incident)
        const what = deleted > 0 ? `no alarm fires (${deleted} deleted)` : 'every alarm recovered'
        const text = `Resolved: ${what}, and stayed so for ${grace}`
        draft.note(incident.id, { at, kind: 'resolved', text })
      },
    },
  ]
}
