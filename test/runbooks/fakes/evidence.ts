// A bucket in memory that can fail, before or after it has stored something: as a process that dies there.
import type { Evidence } from '../../../lambda/ports/tools.ts'

export interface FakeEvidence extends Evidence {
  objects: Map<string, string>
  /** The next `put` of a key that ends so throws; `after`: it is stored all the same. What is told later comes after that. */
  dieAt(end: string, when: 'before' | 'after'): void
  deaths(): number
}

export function fakeEvidence(): FakeEvidence {
  const objects = new Map<string, string>()
  const fates: { end: string; when: 'before' | 'after' }[] = []
  let deaths = 0
  const dies = (key: string, when: 'before' | 'after'): void => {
    const [next] = fates
    if (next?.when !== when || !key.endsWith(next.end)) return
    fates.shift()
    deaths++
    throw new Error('the process died')
  }
  return {
    objects,
    dieAt: (end, when) => void fates.push({ end, when }),
    deaths: () => deaths,
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
