// A channel refuses every message, because it is archived or Tocsin was removed from it: the common channel stands in for it.
import { isOnBoard } from '../incident/board.ts'
import type { Draft } from '../incident/draft.ts'
import { isActive } from '../incident/incident.ts'
import { moveOver } from './digest.ts'
import { commonChannel } from './places.ts'
import { peopleFor } from '../escalate/escalation.ts'
import { channelWords, people } from '../words/words.ts'

/** So long somebody may be mending it. */
export const REFUSED_MS = 5 * 60_000

export interface Refusing {
  place: string
  reason: string
  /** How many entries of the timeline were told there, and whether there is a message. */
  threaded: number
  isShown: boolean
  /** Of its digest, if it is in one: how many calls were told there. */
  callsTold: number
}

/**
 * What lived there lives in the common channel from now on; what had a line there has it in the common channel as well. What is over is told there only if
 * nobody has heard of it. False if there is nothing to do yet.
 */
export function standIn(draft: Draft, id: string, { place, reason, threaded, isShown, callsTold }: Refusing): boolean {
  const { board, now, rules } = draft
  if (!isOnBoard(board, id)) return false
  const incident = draft.get(id)
  const { places = [], calls = [], refusing } = incident
  if (refusing?.[place] !== undefined) return true
  if (incident.status === 'merged' || (!isActive(incident) && isShown)) return false
  const common = commonChannel(rules)
  const isHome = places[0] === place
  const untold = calls.filter((call) => call.place === place && call.entry > threaded)
  Object.assign(draft.edit(id), {
    refusing: { ...refusing, [place]: reason },
    places: [...new Set(isHome ? [common, ...places] : [...places, common])],
    calls: calls.filter((call) => !untold.includes(call)),
  })
  if (isHome && incident.digest !== undefined) moveOver(draft, id, { place: common, told: callsTold })
  const moved = `${channelWords(place)} refuses messages (${reason}): what belongs there is told in ${channelWords(common)}`
  draft.note(id, { at: now, kind: 'moved', text: moved })
  for (const { team } of untold) {
    const title = rules.config.teams[team]?.title ?? team
    draft.note(id, { at: now, kind: 'called', text: `Telling ${title} here instead`, team, place: common })
  }
  const whom = people(peopleFor(incident, rules.config)) || 'this channel'
  if (isHome && isActive(incident) && (incident.called ?? 0) > threaded)
    draft.note(id, { at: now, kind: 'escalated', text: `Telling ${whom} here instead` })
  return true
}
