// Durable executions: those of runs, and the timers that wake an incident.
import { nameOutside } from '../core/incident/run.ts'

/** Starts the escalate stage at a time (ms). Asking for the same time again adds nothing. */
export interface Timers {
  /** For an incident: something falls due for it then. */
  wake(incident: string, at: number): Promise<void>
  /** For a place: it may be told something then. */
  tell(place: string, at: number): Promise<void>
}

/** What survives a crash: a step that has ended is not done again, a wait costs nothing. Names are unique within a run. */
export interface Journal {
  step<T>(name: string, run: () => Promise<T>): Promise<T>
  wait(name: string, seconds: number): Promise<void>
}

/** Starts the durable execution of a run, by the order's name; ordering the same one again starts nothing. */
export interface Runs {
  start(runbook: string, order: RunOrder): Promise<void>
}

/** The name of its run outside. */
export const outsideOf = ({ run, stamp }: RunOrder): string =>
  nameOutside({ id: run, ...(stamp !== undefined && { stamp }) })

/** `attempt` counts the looks of a run: a dry run that somebody asked for is a new one. */
export const nameOf = (order: RunOrder): string => `${outsideOf(order)}-${order.phase}-${order.attempt}`

export interface RunOrder {
  incident: string
  run: string
  stamp?: string
  /** `left`: looks at what it left to do, or does one of that. */
  phase: 'look' | 'act' | 'left'
  attempt: number
}
