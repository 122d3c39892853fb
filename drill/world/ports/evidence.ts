// A bucket for evidence, in memory.
import type { Clock } from '../../../lambda/ports/clock.ts'
import type { Evidence } from '../../../lambda/ports/tools.ts'
import { PACE } from './pace.ts'

export interface MemoryEvidence extends Evidence {
  objects: Map<string, string>
}

export function memoryEvidence(clock: Pick<Clock, 'sleep'>): MemoryEvidence {
  const objects = new Map<string, string>()
  const pause = (seconds: number): Promise<void> => clock.sleep(Math.round(seconds * 1000))
  return {
    objects,
    async put(key, body) {
      await pause(PACE.evidencePut)
      objects.set(key, body)
    },
    async get(key) {
      await pause(PACE.evidenceGet)
      return objects.get(key)
    },
    async list(prefix) {
      await pause(PACE.evidenceList)
      return [...objects.keys()].filter((key) => key.startsWith(prefix)).sort()
    },
    place: (key) => `s3://tocsin-evidence/${key}`,
  }
}
