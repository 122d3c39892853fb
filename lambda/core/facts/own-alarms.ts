// The names of alarms about Tocsin itself.

/** They go by e-mail: what says that Tocsin does not work must neither need it nor set it off again. */
export const OWN_ALARMS = 'Tocsin itself: '
