// Every cold start is somebody waiting: what Lambda loads stays small.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../../lib/function/bundle.ts'

const ENTRIES = join(import.meta.dirname, '..', '..', 'lambda', 'entry')
const KB = 1024

/** Of the runbooks' function each loads a client of AWS only when its recipe calls it: it may be large. */
const OTHERS = ['when-due.ts', 'remediate.ts']
/** It waits in a durable execution, and brings its SDK along. */
const DURABLE = 'escalate.ts'

test.each(readdirSync(ENTRIES).filter((file) => !OTHERS.includes(file)))('%s', (file) => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bundle-'))
  try {
    const bytes = bundle(join(ENTRIES, file), join(folder, 'index.js'))
    expect(bytes).toBeGreaterThan(50 * KB)
    expect(bytes).toBeLessThanOrEqual((file === DURABLE ? 750 : 450) * KB)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
