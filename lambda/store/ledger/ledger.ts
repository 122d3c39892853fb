// The ledger: what each place was told. Only notify writes it, one run at a time for each place; whoever lets an incident leave the index adds it
// to the open work of its places, so that its end is told even if nobody could tell it until then.
import type { Incident } from '../../core/incident/incident.ts'
import { adopted, UNTOLD, type KeptByOld, type Lane, type Told } from '../../core/notify/ledger.ts'
import type { Item, Key, Table } from '../../ports/table.ts'
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

/** Somebody else has written: this run knows less than it thinks. */
export class Overtaken extends Error {
  override name = 'Overtaken'
}

/** What the place itself says, whatever is to be told. Times in ms. */
export interface PlaceState {
  /** The id of its channel: a name may become another's, and does not find a private channel. */
  channel?: string
  /** Nothing can be told there until somebody mends it. */
  refused?: { by: 'channel' | 'app'; reason: string; since: number; tries: number; until: number }
  /** It asked to wait for longer than a run lasts. */
  freeAt?: Partial<Record<Lane, number>>
}

export interface Ledger {
  /** By incident, or what `unreadableId` says. */
  told: ReadonlyMap<string, Told>
  state: PlaceState
  /** Throws `Overtaken`. */
  save(of: string, told: Told): Promise<void>
  /** The same for this run only: what is stored says less, and whoever comes next takes it for unknown. */
  keep(of: string, told: Told): void
  /** Throws `Overtaken`. */
  saveState(state: PlaceState): Promise<void>
  /** What was told of an incident before it left the index, now that it is back; undefined if nothing was. Throws `Overtaken`. */
  bringBack(of: string): Promise<Told | undefined>
  /** There is nothing more to tell. Throws `Overtaken`. */
  close(of: string, now: number): Promise<void>
  /** The same, of what nobody needs afterwards. */
  forget(of: string): Promise<void>
}

const AT_ONCE = 100

/** The ids of channels, by place, as far as they were looked up: a name may be another's by now. */
export async function knownChannels(
  table: Pick<Table, 'getMany'>,
  places: readonly string[],
): Promise<Map<string, string>> {
  const keys = places.map((place): Key => ({ pk: partitionOf(place), sk: STATE }))
  const found = new Map<string, string>()
  for (let first = 0; first < keys.length; first += AT_ONCE)
    for (const item of await table.getMany(keys.slice(first, first + AT_ONCE))) {
      const { channel } = (valueOf(item) ?? {}) as PlaceState
      if (channel !== undefined) found.set(item.pk.slice(partitionOf('').length), channel)
    }
  return found
}

const LOST: Told = { ...UNTOLD, isLost: true }

export async function openLedger(runtime: AsideSlice, place: string): Promise<Ledger> {
  const { table } = runtime
  const items = await table.list(partitionOf(place), '')
  const revs = new Map(items.map(({ sk, rev }) => [sk, rev]))
  const told = new Map<string, Told>()

  const write = async (key: Key, value: object, after = 0): Promise<void> => {
    const known = revs.get(key.sk) ?? 0
    const rev = Math.max(known, after) + 1
    if (!(await table.replace({ ...key, rev, body: JSON.stringify(value) }, known))) throw new Overtaken(place)
    revs.set(key.sk, rev)
  }
  const ledger: Ledger = {
    told,
    state: {},
    async save(of, next) {
      await write(openKey(place, of), next)
      told.set(of, next)
    },
    keep: (of, next) => void told.set(of, next),
    async saveState(state) {
      await write({ pk: partitionOf(place), sk: STATE }, state)
      ledger.state = state
    },
    async bringBack(of) {
      const item = await table.get(endKey(place, of))
      if (!item) return undefined
      const last = valueOf(item) as Told | undefined
      if (!last) await setAside(runtime, { unreadable: [item] })
      const { left: _, final: __, ...kept } = last ?? LOST
      const { left, final } = told.get(of) ?? UNTOLD
      const next: Told = { ...kept, ...(left !== undefined && { left }), ...(final !== undefined && { final }) }
      // Later than what was kept, so that it is kept in its place in the end.
      await write(openKey(place, of), next, item.rev)
      told.set(of, next)
      return next
    },
    async close(of, now) {
      const last = told.get(of)
      const rev = revs.get(`${OPEN}${of}`) ?? 0
      const expires = Math.floor(now / 1000) + KEPT_SECONDS
      if (last?.ref !== undefined)
        await table.advance({ ...endKey(place, of), rev, body: JSON.stringify(last), expires })
      await ledger.forget(of)
    },
    async forget(of) {
      const key = openKey(place, of)
      if (!(await table.remove(key, revs.get(key.sk) ?? 0))) throw new Overtaken(place)
      told.delete(of)
      revs.delete(key.sk)
    },
  }

  const unreadable: Item[] = []
  for (const item of items) {
    const value = valueOf(item)
    if (!value) unreadable.push(item)
    else if (item.sk === STATE) ledger.state = value
    else told.set(item.sk.slice(OPEN.length), value as Told)
  }
  await setAside(runtime, { unreadable })
  for (const { sk } of unreadable)
    if (sk === STATE) await ledger.saveState({})
    else await ledger.save(sk.slice(OPEN.length), LOST)
  return ledger
}

/** What the home of an incident was told: the first of its places. */
export async function toldAtHome(
  table: Pick<Table, 'get'>,
  { id, places: [home] = [], slack }: Pick<Incident, 'id' | 'places' | 'slack'>,
): Promise<Told | undefined> {
  const told = home === undefined ? undefined : await toldAt(table, home, id)
  return told ?? adopted(slack, id)
}

/** Also of an incident that has left the index. */
async function toldAt(table: Pick<Table, 'get'>, place: string, id: string): Promise<Told | undefined> {
  const open = valueOf(await table.get(openKey(place, id))) as Told | undefined
  return open ?? (valueOf(await table.get(endKey(place, id))) as Told | undefined)
}

/**
 * Before it leaves the index, or changes although it has left: its places have to be told of that, whether they have heard of it or not. A run that
 * tells the place at this moment notices, because the entry is not as it knows it.
 */
export async function addToOpenWork(
  table: Table,
  { id, change }: Pick<Incident, 'id' | 'change'>,
  { places, left }: { places: readonly string[]; left: number },
): Promise<void> {
  const end = { left, final: change }
  await Promise.all(places.map((place) => amend(table, openKey(place, id), (known) => ({ ...known, ...end }))))
}

/** What 0.1.0 had told. Safe to call repeatedly. `of`: the ledger's name for it; `tag`: that of the old version. */
export async function handOver(
  table: Table,
  place: string,
  { of, tag, old }: { of: string; tag: string; old: KeptByOld | undefined },
): Promise<void> {
  const told = adopted(old, tag)
  if (told)
    await amend(table, openKey(place, of), (known) =>
      known.shown > 0 || known.sending ? known : { ...known, ...told },
    )
}

/** A line that links to another message than this is edited. */
export const unlink = (table: Table, place: string, of: string, ref: string): Promise<void> =>
  amend(table, openKey(place, of), (known) => (known.home && known.home !== ref ? { ...known, home: '' } : known))

const MOST_TRIES = 10

async function amend(table: Table, key: Key, by: (known: Told) => Told): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const item = await table.get(key)
    const known = item ? (valueOf(item) as Told | undefined) : UNTOLD
    // One that cannot be read is left for notify to set aside.
    if (!known) return
    const next = by(known)
    if (next === known) return
    const rev = item?.rev ?? 0
    if (await table.replace({ ...key, rev: rev + 1, body: JSON.stringify(next) }, rev)) return
  }
  throw new Error(`what ${key.pk} was told changed ${MOST_TRIES} times while one change was made; trying again later`)
}
