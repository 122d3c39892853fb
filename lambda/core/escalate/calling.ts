// The probable cause is another team's service than that in whose channel the incident lives: once that has been so for a while, they are called.
import type { Clock } from '../due/clock.ts'
import { placeFor } from '../notify/places.ts'
import { duration, people } from '../words/words.ts'
import { onCallOf } from './escalation.ts'

/** The ranking may still change while alarms come in. */
const STEADY_MS = 2 * 60_000

export const calling: Clock = (incident, { rules }) => {
  const { id, status, cause, causeAt, team: home, calls = [], firing } = incident
  if (!rules.hasTeams || cause === undefined || causeAt === undefined || firing === 0) return []
  const team = rules.teamOf(cause)
  if (team === undefined || team === home || calls.some((call) => call.team === team)) return []
  if (status !== 'open' && status !== 'acknowledged') return []
  return [
    {
      at: causeAt + STEADY_MS,
      act(draft) {
        const { now } = draft
        const whom = onCallOf(team, rules.config)
        const title = rules.config.teams[team]!.title
        const told = whom.length > 0 ? `${people(whom)} of ${title}` : title
        const text = `${rules.titleOf(cause)} has been the probable cause for ${duration(now - causeAt)}: telling ${told}`
        const place = placeFor(team, incident, rules)
        draft.note(id, { at: now, kind: 'called', text, service: cause, team, place })
      },
    },
  ]
}
