// Slack counts edits for the whole app: places that have many to make share them, and say so here.
import type { Key, Table } from '../../ports/table.ts'
import { valueOf } from '../flight.ts'

const EDITS: Key = { pk: 'SLACK', sk: 'EDITS' }

/** Until when each place has edits to make, in ms. */
type Busy = Record<string, number>

const readBusy = async (table: Table): Promise<{ busy: Busy; rev: number }> => {
  const item = await table.get(EDITS)
  return { busy: (valueOf(item) ?? {}) as Busy, rev: item?.rev ?? 0 }
}

/** How many other places make edits now, and until when this one has said that it does. */
export async function readEditing(
  table: Table,
  place: string,
  now: number,
): Promise<{ others: number; saidUntil: number }> {
  const { busy } = await readBusy(table)
  const others = Object.entries(busy).filter(([other, until]) => other !== place && until > now).length
  return { others, saidUntil: busy[place] ?? 0 }
}

/** Says that this place has edits to make until then, in ms. If another says so at the same moment, one of them says it again later. */
export async function sayEditing(table: Table, place: string, until: number, now: number): Promise<void> {
  const { busy, rev } = await readBusy(table)
  const others = Object.entries(busy).filter(([, ends]) => ends > now)
  const body = JSON.stringify({ ...Object.fromEntries(others), [place]: until } satisfies Busy)
  await table.replace({ ...EDITS, rev: rev + 1, body }, rev)
}
