// The possible results of reading a message.
import type { Change } from '../incident/alarm.ts'

export type Reading =
  { is: 'alarm'; change: Change } | { is: 'ignored'; reason: string } | { is: 'unreadable'; reason: string }

export const ignored = (reason: string): Reading => ({ is: 'ignored', reason })

export const unreadable = (reason: string): Reading => ({ is: 'unreadable', reason })

export const brief = (value: string): string => (value.length > 80 ? `${value.slice(0, 79)}…` : value)
