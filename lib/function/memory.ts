// How much memory each function gets. Processor time comes with it: 1,769 MiB is one whole processor, and the price grows with both.

/**
 * Measured by `node bench/memory.ts` (Node 24, 2 cores, the emulators; milliseconds of a whole processor):
 *
 *              start   first call   later calls   most memory
 *     intake    100         115     32 (10 alarms)    106 MiB
 *     notify     95         170      6                106
 *     respond    80          80     16                103
 *     escalate   80          45      3                 71
 *     watchdog   85         120     13                 94
 *
 * Lambda's runtime needs 20 to 30 MiB more, so 128 would be too little for any. Beyond that, time decides. What somebody waits for starts and
 * does its first work in 215 ms (intake), 265 (notify), 160 (respond) of a whole processor: at 512 MiB that is 0.7, 0.9 and 0.6 s, at 1,024 half
 * of it, for nearly the same price where the time is work. More would gain less each time: the rest is waiting for the network. Nobody waits
 * for escalate and the watchdog, and they mostly wait themselves: the least that is safe.
 */
export const MEMORY_MIB = {
  intake: 1024,
  /** Billed while it waits for Slack's rate limit: a storm lasts minutes. */
  notify: 512,
  respond: 1024,
  escalate: 256,
  /** Recipes load several AWS clients, and hold sixteen messages of 16 MiB at a time, as they are and as text. */
  remediate: 2048,
  watchdog: 256,
} as const

export type Entry = keyof typeof MEMORY_MIB
