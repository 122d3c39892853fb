// The ledger: what each place was told. Only notify writes it, one run at a time for each place; whoever lets an incident leave the index adds it
// to the open work of its places, so that its end is told even if nobody could tell it until then.
import type { Incident } from '../../core/incident/incident.ts'
import { adopted, UNTOLD, type Refusal, type Told } from '../../core/notify/ledger.ts'
import type { Key, Table } from '../../ports/table.ts'
import { setAside, type AsideSlice } from '../aside.ts'
import { valueOf } from '../flight.ts'

const partitionOf = (place: string): string => `PLACE#${place}`
const OPEN = 'OPEN#'
const STATE = 'STATE'

const openKey = (place: string, of: string): Key => ({ pk: partitionOf(place), sk: `${OPEN}${of}` })

/** What was told of an incident in the end stays with the incident, for whoever brings it back. */
const endKey = (place: string, of: string): Key => ({ pk: `INCIDENT#${of}`, sk: `TOLD#${place}` })

/** What is told of an incident's end is kept as long as the incident. */
const KEPT_SECONDS = 400 * 86_400

/** Another run has written: this one knows less than it thinks. */
export class Overtaken extends Error {
  override name = 'Overtaken'
}

export interface Ledger {
  /** By incident, or what `unreadableId` says. */
  told: ReadonlyMap<string, Told>
  /** What the place itself refuses: that nothing can be posted there. */
  refused: Refusal | undefined
  /** Entries that could not be read: nobody knows what was told. */
  lost: readonly string[]
  /** Throws `Overtaken`. */
  save(of: string, told: Told): Promise<void>
  /** Undefined: the place takes messages again. Throws `Overtaken`. */
  refuse(refused: Refusal | undefined): Promise<void>
  /** What was told of an incident before it left the index, now that it is back; undefined if nothing was. Throws `Overtaken`. */
  bringBack(of: string): Promise<Told | undefined>
  /** There is nothing more to tell. */
  close(of: string, now: number): Promise<void>
  /** The same, of what nobody needs afterwards. */
  forget(of: string): Promise<void>
}

export async function openLedger(runtime: AsideSlice, place: string): Promise<Ledger> {
  const { table } = runtime
  const items = await table.list(partitionOf(place), '')
  const revs = new Map(items.map(({ sk, rev }) => [sk, rev]))
  const unreadable = items.filter((item) => valueOf(item) === undefined)
  if (unreadable.length > 0) await setAside(runtime, { unreadable })
  const told = new Map<string, Told>()
  for (const item of items)
    if (item.sk.startsWith(OPEN)) told.set(item.sk.slice(OPEN.length), (valueOf(item) as Told | undefined) ?? UNTOLD)

  const write = async (key: Key, value: object, after = 0): Promise<void> => {
    const known = revs.get(key.sk) ?? 0
    const rev = Math.max(known, after) + 1
    if (!(await table.replace({ ...key, rev, body: JSON.stringify(value) }, known))) throw new Overtaken(place)
    revs.set(key.sk, rev)
  }
  const state = (valueOf(items.find(({ sk }) => sk === STATE)) ?? {}) as { refused?: Refusal }
  const ledger: Ledger = {
    told,
    refused: state.refused,
    lost: unreadable.flatMap(({ sk }) => (sk.startsWith(OPEN) ? [sk.slice(OPEN.length)] : [])),
    async save(of, next) {
      await write(openKey(place, of), next)
      told.set(of, next)
    },
    async refuse(refused) {
      await write({ pk: partitionOf(place), sk: STATE }, refused ? { refused } : {})
      ledger.refused = refused
    },
    async bringBack(of) {
      const item = await table.get(endKey(place, of))
      const last = valueOf(item) as Told | undefined
      if (!item || !last) return undefined
      // Later than what was kept, so that it is kept in its place in the end.
      await write(openKey(place, of), last, item.rev)
      told.set(of, last)
      return last
    },
    async close(of, now) {
      const key = openKey(place, of)
      const last = told.get(of)
      const rev = revs.get(key.sk) ?? 0
      const expires = Math.floor(now / 1000) + KEPT_SECONDS
      if (last?.ref !== undefined)
        await table.advance({ ...endKey(place, of), rev, body: JSON.stringify(last), expires })
      await ledger.forget(of)
    },
    async forget(of) {
      const key = openKey(place, of)
      await table.remove(key, revs.get(key.sk) ?? 0)
      told.delete(of)
      revs.delete(key.sk)
    },
  }
  return ledger
}

/** What the home of an incident was told: the first of its places. */
export async function toldAtHome(
  table: Pick<Table, 'get'>,
  { id, places: [home] = [], slack }: Pick<Incident, 'id' | 'places' | 'slack'>,
): Promise<Told | undefined> {
  const item = home === undefined ? undefined : await table.get(openKey(home, id))
  return (valueOf(item) as Told | undefined) ?? adopted(slack, id)
}

/** Before it leaves the index: its places have to be told of its end, whether they have heard of it or not. */
export async function addToOpenWork(
  table: Table,
  { id }: Pick<Incident, 'id'>,
  places: readonly string[],
): Promise<void> {
  const body = JSON.stringify(UNTOLD)
  await Promise.all(places.map((place) => table.replace({ ...openKey(place, id), rev: 1, body }, 0)))
}
