// How it was when a run began to take messages.
import { goalKey } from './kept.ts'
import type { Totals } from '../../../ports/broker.ts'
import type { Tools } from '../../runbook.ts'

export interface Start {
  goal: number
  totals?: Totals
}

/** Stored, so that a turn after one that died without a record knows it too; and nothing is taken while the store takes nothing. */
export async function startOf({ evidence }: Tools, folder: string, start: Start): Promise<Start> {
  const written = await evidence.get(goalKey(folder))
  if (written !== undefined) {
    const read = JSON.parse(written) as Start | number
    return typeof read === 'number' ? { goal: read } : read
  }
  await evidence.put(goalKey(folder), JSON.stringify(start))
  return start
}
