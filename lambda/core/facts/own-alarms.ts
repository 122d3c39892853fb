// The names of alarms about Tocsin itself.
import { DEFAULT_STACK } from './stack-name.ts'

/** They go by e-mail: what says that Tocsin does not work must neither need it nor set it off again. */
export const OWN_ALARMS = 'Tocsin itself: '

/** With the name of the stack, if that is not the usual one. */
export const ownAlarm = (what: string, stack: string): string =>
  `${OWN_ALARMS}${what}${stack === DEFAULT_STACK ? '' : ` (${stack})`}`
