// How much memory each function gets. Lambda gives processor time along with it: 1,769 MiB is one whole processor.

export const MEMORY_MIB = {
  intake: 512,
  notify: 256,
  respond: 512,
  escalate: 256,
  remediate: 256,
  watchdog: 128,
} as const

export type Entry = keyof typeof MEMORY_MIB
