// A channel refuses every message, because it is archived or Tocsin was removed from it: the common channel stands in for it.
import { isOnBoard } from '../incident/board.ts'
import type { Draft } from '../incident/draft.ts'
import { isActive } from '../incident/incident.ts'
import { commonChannel } from './places.ts'
import { channelWords } from '../words/words.ts'

/** So long somebody may be mending it. */
export const REFUSED_MS = 5 * 60_000

export interface Refusing {
  place: string
  reason: string
  /** How many entries of the timeline were told there. */
  threaded: number
}

/** What lived there lives in the common channel from now on; what had a line there has it in the common channel as well. */
export function standIn(draft: Draft, id: string, { place, reason, threaded }: Refusing): void {
  const { board, now, rules } = draft
  if (!isOnBoard(board, id)) return
  const incident = draft.get(id)
  const { places = [], calls = [], refusing } = incident
  if (!isActive(incident) || refusing?.[place] !== undefined) return
  const common = commonChannel(rules)
  const untold = calls.filter((call) => call.place === place && call.entry > threaded)
  Object.assign(draft.edit(id), {
    refusing: { ...refusing, [place]: reason },
    places: [...new Set(places[0] === place ? [common, ...places] : [...places, common])],
    calls: calls.filter((call) => !untold.includes(call)),
  })
  const moved = `${channelWords(place)} refuses messages (${reason}): what belongs there is told in ${channelWords(common)}`
  draft.note(id, { at: now, kind: 'moved', text: moved })
  for (const { team } of untold) {
    const title = rules.config.teams[team]?.title ?? team
    draft.note(id, { at: now, kind: 'called', text: `Telling ${title} here instead`, team, place: common })
  }
}
