// The one table that everything is stored in.

/**
 * One stored thing: `body` is JSON, `rev` counts its writes (NaN: nobody can replace it any more), `expires` is the second (Unix time) at which DynamoDB
 * may delete it.
 */
export interface Item {
  pk: string
  sk: string
  rev: number
  body: string
  expires?: number
}

export type Key = Pick<Item, 'pk' | 'sk'>

/** The same for the same key, and for no other. */
export const nameOf = ({ pk, sk }: Key): string => `${pk}\n${sk}`

/** One table, single-item conditional writes, strongly consistent reads. Any call may throw; a retry can help then. */
export interface Table {
  get(key: Key): Promise<Item | undefined>
  /** At most 100 keys. Items that do not exist are left out; in no particular order. */
  getMany(keys: Key[]): Promise<Item[]>
  /** Writes if the stored `rev` is `expected` (0: nothing stored). False if it is not. */
  replace(item: Item, expected: number): Promise<boolean>
  /** Writes unless the same or a newer `rev` is stored. */
  advance(item: Item): Promise<void>
  /** Removes the item if the stored `rev` is `expected` (0: nothing stored). False if it is not. */
  remove(key: Key, expected: number): Promise<boolean>
  /** All items of a partition whose sort key begins with `prefix`, in sort key order. */
  list(pk: string, prefix: string): Promise<Item[]>
  /** Every item: slow and dear, for what has to be put together again. */
  scan(): Promise<Item[]>
}
