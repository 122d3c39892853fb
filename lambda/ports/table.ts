// The one table that everything is stored in.

/** One stored thing: `body` is JSON, `rev` counts its writes, `expires` is the second at which DynamoDB may delete it. */
export interface Item {
  pk: string
  sk: string
  rev: number
  body: string
  expires?: number
}

export type Key = Pick<Item, 'pk' | 'sk'>

/** One table, single-item conditional writes, strongly consistent reads. Every call may throw when a retry can help. */
export interface Table {
  get(key: Key): Promise<Item | undefined>
  /** At most 100 keys; what is not there is left out; in no order. */
  getMany(keys: Key[]): Promise<Item[]>
  /** Writes if the stored `rev` is `expected` (0: nothing stored). False if it is not. */
  replace(item: Item, expected: number): Promise<boolean>
  /** Writes unless the same or a newer `rev` is stored. */
  advance(item: Item): Promise<void>
  /** All items of a partition whose sort key begins so, in its order. */
  list(pk: string, prefix: string): Promise<Item[]>
}
