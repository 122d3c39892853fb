// The drill's bucket, without delays; it can fail before or after it has stored something, as if the process died there.
import { memoryEvidence, type MemoryEvidence } from '../../../drill/world/ports/evidence.ts'

export interface FakeEvidence extends MemoryEvidence {
  /** The next `put` of a key with this ending throws; `after`: it is stored anyway. Later calls apply after earlier ones. */
  dieAt(end: string, when: 'before' | 'after'): void
  deaths(): number
}

export function fakeEvidence(): FakeEvidence {
  const bucket = memoryEvidence({ sleep: async () => undefined })
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
    ...bucket,
    dieAt: (end, when) => void fates.push({ end, when }),
    deaths: () => deaths,
    async put(key, body) {
      dies(key, 'before')
      await bucket.put(key, body)
      dies(key, 'after')
    },
  }
}
