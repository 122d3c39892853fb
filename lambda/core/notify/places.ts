// Where an incident is shown: its home, which has the conversation, and a line in the channel of every other team that has a service in it.
import type { Clock } from '../due/clock.ts'
import type { Draft } from '../incident/draft.ts'
import { isActive, type Incident } from '../incident/incident.ts'
import type { Rules } from '../services/rules.ts'
import { channelOf } from '../services/teams.ts'
import { countRaised } from './digest.ts'

/** Where what belongs to no team is told, and what concerns Tocsin itself. */
export const commonChannel = ({ config }: Rules): string => config.slack.channel

/** The first is the home. Versions up to 0.1.0 knew one place. */
export const placesOf = ({ places }: { places?: readonly string[] }, rules: Rules): readonly string[] =>
  places && places.length > 0 ? places : [commonChannel(rules)]

export const homeOf = (incident: { places?: readonly string[] }, rules: Rules): string => placesOf(incident, rules)[0]!

/** Nobody is bothered with an incident that is held. */
export const isHeld = ({ status, heldUntil }: Pick<Incident, 'status' | 'heldUntil'>): boolean =>
  status === 'held' || heldUntil !== undefined

/** Where a team is told of an incident: in its channel or, if that refuses every message, in the common one. */
export const placeFor = (team: string | undefined, { refusing }: Pick<Incident, 'refusing'>, rules: Rules): string => {
  const channel = channelOf(team, rules.config)
  return refusing?.[channel] === undefined ? channel : commonChannel(rules)
}

/**
 * The home is that of the team that owns the probable cause, decided once, when people first hear of the incident. The line of a team is added
 * when one of its services is there. No place is ever taken away.
 */
export const placing: Clock = (incident, { rules }) => {
  if (isHeld(incident)) return []
  const { id, places = [], cause, status } = incident
  if (places.length === 0) {
    const team = cause === undefined ? undefined : rules.teamOf(cause)
    const settleIn = (draft: Draft): void => {
      const home = [placeFor(team, incident, rules)]
      const lines = missing({ ...incident, places: home }, rules)
      Object.assign(draft.edit(id), { places: [...home, ...lines], ...(team !== undefined && { team }) })
      countRaised(draft, id)
    }
    return status === 'merged' ? [] : [{ act: settleIn }]
  }
  const lines = missing(incident, rules)
  if (lines.length === 0) return []
  return [{ act: (draft) => void (draft.edit(id).places = [...places, ...lines]) }]
}

/** The channels whose team has a service in it and no line yet. */
function missing(incident: Incident, rules: Rules): string[] {
  if (!isActive(incident) || !rules.hasTeams) return []
  const wanted = new Set<string>()
  for (const service in incident.services) {
    const team = rules.teamOf(service)
    if (team !== undefined) wanted.add(placeFor(team, incident, rules))
  }
  return [...wanted].filter((place) => !incident.places!.includes(place))
}
