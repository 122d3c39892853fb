// Sets aside what cannot be read, and says so: it is copied before anything is written in its place, and people are told.
import { isLost, type Run } from '../core/incident/run.ts'
import { historyOf, remember } from '../core/remediate/runs.ts'
import type { Draft } from '../core/incident/draft.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Item } from '../ports/table.ts'
import type { Loaded } from './board.ts'

/** The copy is kept for as long as an incident that has left the board. */
const KEPT_SECONDS = 400 * 86_400

export type AsideSlice = Pick<Runtime, 'table' | 'log' | 'clock'>

export async function setAside(
  { table, log, clock }: AsideSlice,
  { unreadable }: Pick<Loaded, 'unreadable'>,
): Promise<void> {
  if (unreadable.length === 0) return
  const expires = Math.floor(clock.now() / 1000) + KEPT_SECONDS
  await Promise.all(unreadable.map((item) => table.advance(copyOf(item, expires))))
  const items = unreadable.map(({ pk, sk, rev }) => `${pk} ${sk} (revision ${rev})`)
  log('error', 'something stored cannot be read: it was set aside', { items }, { SetAside: items.length })
}

const copyOf = ({ pk, sk, rev, body }: Item, expires: number): Item => ({
  pk: 'ASIDE',
  sk: `${pk} ${sk} ${rev}`,
  rev,
  body,
  expires,
})

/** People have to look at what was put together again. */
export function tellDamage(draft: Draft, { restored, isRebuilt }: Loaded): void {
  const what = isRebuilt ? 'The index of what is open' : 'Part of what was stored of this incident'
  for (const id of restored)
    draft.note(id, {
      at: draft.now,
      kind: 'restored',
      text: `${what} could not be read. It was put together again from the alarms: please check what fires, who is on it and what runs`,
    })
  for (const id of restored) for (const run of draft.get(id).runs ?? []) if (isLost(run)) release(draft, run)
  const { remediation } = draft.board
  if (!isRebuilt || remediation?.stopped) return
  const by = { id: '', name: 'Tocsin' }
  draft.board.remediation = { history: remediation?.history ?? [], stopped: { by, at: draft.now } }
}

/** It holds its target no longer: nobody would ever let go of it. */
function release(draft: Draft, { id }: Run): void {
  const record = historyOf(draft.board).find(({ run, endedAt }) => run === id && endedAt === undefined)
  if (record) remember(draft, { ...record, endedAt: draft.now, ok: false })
}
