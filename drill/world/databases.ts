// Databases whose storage fills, and grows when it is asked to.
import type { DatabasePlan } from './plan/schema.ts'
import { MIB } from './units.ts'

export interface Database {
  allocatedBytes: number
  usedBytes: number
  /** MiB. */
  fillsPerSecond: number
  /** The last change of its storage: since when (seconds of the drill), and to how many bytes. */
  growing?: { since: number; to: number }
}

/** Until the new storage can be used. */
export const GROWING_SECONDS = 25

export const databaseOf = ({ allocatedMiB, usedMiB }: DatabasePlan): Database => ({
  allocatedBytes: allocatedMiB * MIB,
  usedBytes: usedMiB * MIB,
  fillsPerSecond: 0,
})

export function tickDatabase(database: Database, second: number): void {
  const { growing } = database
  if (growing && second - growing.since >= GROWING_SECONDS) database.allocatedBytes = growing.to
  database.usedBytes = Math.min(database.allocatedBytes, database.usedBytes + database.fillsPerSecond * MIB)
}
