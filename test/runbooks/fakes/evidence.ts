// The drill's bucket, without delays; it can fail before or after it has stored something, as if the process died there.
import { memoryEvidence, type MemoryEvidence } from '../../../drill/world/ports/evidence.ts'

export interface FakeEvidence extends MemoryEvidence {
  /** The next `put` of a key with this ending throws; `after`: it is stored anyway. Later calls apply after earlier ones. */
  dieAt(end: string, when: 'before' | 'after'): void
  deaths(): number
  /** Throws while the process is dead: it begins anew with a look at what is kept. */
  checkAlive(): void
}

const DEATH = 'the process died'

export function fakeEvidence(): FakeEvidence {
  const bucket = memoryEvidence({ sleep: async () => undefined })
  const fates: { end: string; when: 'before' | 'after' }[] = []
  let deaths = 0
  let isDead = false
  const dies = (key: string, when: 'before' | 'after'): void => {
    const [next] = fates
    if (next?.when !== when || !key.endsWith(next.end)) return
    fates.shift()
    deaths++
    isDead = true
    throw new Error(DEATH)
  }
  return {
    ...bucket,
    dieAt: (end, when) => void fates.push({ end, when }),
    deaths: () => deaths,
    checkAlive() {
      if (isDead) throw new Error(DEATH)
    },
    async list(prefix) {
      isDead = false
      return bucket.list(prefix)
    },
    async put(key, body) {
      dies(key, 'before')
      await bucket.put(key, body)
      dies(key, 'after')
    },
  }
}
