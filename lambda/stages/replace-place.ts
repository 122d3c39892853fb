// Notify's part when a channel refuses every message: after a while, the common channel stands in for it.
import { isOnBoard, wholeOf } from '../core/incident/board.ts'
import { isActive } from '../core/incident/incident.ts'
import { UNTOLD, type Told } from '../core/notify/ledger.ts'
import { digestId } from '../core/notify/notices.ts'
import { commonChannel } from '../core/notify/places.ts'
import { REFUSED_MS, standIn } from '../core/notify/stand-in.ts'
import { throughDoor, type DoorSlice } from '../store/door.ts'
import type { Ledger } from '../store/ledger/ledger.ts'
import type { Index, Place } from '../store/pack.ts'

/** Each incident is moved once. Throws if a retry can help. */
export async function replacePlace(runtime: DoorSlice, place: string, ledger: Ledger, index: Index): Promise<void> {
  const { refused } = ledger.state
  if (refused?.by !== 'channel' || place === commonChannel(runtime.rules)) return
  const now = runtime.clock.now()
  // It is asked again before anything is concluded from what it said some time ago.
  if (now - refused.since < REFUSED_MS || refused.until <= now) return
  const told = (id: string) => ledger.told.get(id) ?? UNTOLD
  const here = [...index.places.values()].filter(
    (one) => one.places.includes(place) && !one.isHeld && !told(one.id).isReplaced && isLeft(one, told(one.id)),
  )
  if (here.length === 0) return
  const replaced = await throughDoor(runtime, {
    needs: () => here,
    move: (draft) =>
      wholeOf(
        draft.board,
        here.filter(({ id }) => isOnBoard(draft.board, id)),
      ).flatMap(({ id }) => {
        const { threaded, ref } = told(id)
        const digest = draft.board.digests?.[draft.get(id).digest ?? 0]
        const callsTold = digest ? told(digestId(digest)).threaded : 0
        const refusing = { place, reason: refused.reason, threaded, isShown: ref !== undefined, callsTold }
        return standIn(draft, id, refusing) ? id : []
      }),
  })
  for (const id of replaced) await ledger.save(id, { ...told(id), isReplaced: true })
}

/** What is over, and whose message is there, is left as it is. */
const isLeft = (one: Place, { ref }: Told): boolean => isActive(one) || (one.status === 'resolved' && ref === undefined)
