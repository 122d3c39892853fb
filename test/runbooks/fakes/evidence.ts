// A bucket in memory that can fail once, before or after it has stored something: as a process that dies there.
import type { Evidence } from '../../../lambda/ports/tools.ts'

export interface FakeEvidence extends Evidence {
  objects: Map<string, string>
  /** The next `put` of a key that ends so throws; `after`: it is stored all the same. */
  dieAt(end: string, when: 'before' | 'after'): void
}

export function fakeEvidence(): FakeEvidence {
  const objects = new Map<string, string>()
  let death: { end: string; when: 'before' | 'after' } | undefined
  const dies = (key: string, when: 'before' | 'after'): void => {
    if (death?.when !== when || !key.endsWith(death.end)) return
    death = undefined
    throw new Error('the process died')
  }
  return {
    objects,
    dieAt: (end, when) => (death = { end, when }),
    async put(key, body) {
      dies(key, 'before')
      objects.set(key, body)
      dies(key, 'after')
    },
    get: async (key) => objects.get(key),
    list: async (start) => [...objects.keys()].filter((key) => key.startsWith(start)).sort(),
    place: (key) => `s3://kept/${key}`,
  }
}
