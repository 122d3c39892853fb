// Somebody waits for every cold start: what Lambda loads stays small.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../../lib/function/bundle.ts'

const ENTRIES = join(import.meta.dirname, '..', '..', 'lambda', 'entry')
const KB = 1024

/** Not the runbooks' function: it loads an AWS client only when a recipe calls it, and may be large. Escalate includes the durable SDK. */
test.each([
  ['intake', 450],
  ['notify', 450],
  ['respond', 450],
  ['watchdog', 450],
  ['escalate', 750],
])('%s is at most %d KB', (entry, most) => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bundle-'))
  try {
    const bytes = bundle(join(ENTRIES, `${entry}.ts`), join(folder, 'index.js'))
    expect(bytes).toBeGreaterThan(50 * KB)
    expect(bytes).toBeLessThanOrEqual(most * KB)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
