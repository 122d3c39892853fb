// A timeout as it is written: a plain number in the unit that the config names.
import { figure } from '../parts/breach.ts'
import type { Target } from '../../core/services/config.ts'
import type { Case } from '../runbook.ts'

/** The word of a scope for the value that is set. */
export const NEW_TIMEOUT = 'new timeout'

/** What was approved is set, even if a new look would come to another number. */
export const approvedTimeout = ({ approved }: Pick<Case<unknown>, 'approved'>): string | undefined =>
  approved?.on[NEW_TIMEOUT]

type Unit = NonNullable<Target['timeout']>['unit']

/** Undefined for anything but a plain number: that is not touched. */
export function secondsOf(written: string, unit: Unit): number | undefined {
  if (!/^\s*\d+(\.\d+)?\s*$/.test(written)) return undefined
  return unit === 'seconds' ? Number(written) : Number(written) / 1000
}

/** Writes whole milliseconds, and whole seconds if they were whole before: not every program reads fractions. */
export function written(seconds: number, unit: Unit, before: string): string {
  if (unit === 'milliseconds') return String(Math.round(seconds * 1000))
  return before.includes('.') ? String(seconds) : String(Math.max(1, Math.floor(seconds)))
}

export const inSeconds = (value: string, unit: Unit): string => `${figure(secondsOf(value, unit) ?? NaN)} s`
