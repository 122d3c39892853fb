// A stack trace of a deployed function, mapped back to the sources.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readable } from '../../../bin/commands/trace.ts'
import { bundle } from '../../../lib/function/bundle.ts'

test('says the file and the line where it failed, whatever the bundle did to both', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-trace-test-'))
  try {
    writeFileSync(
      join(folder, 'deep.ts'),
      '// One.\n// Two.\nexport const deep = (x: number): never => {\n  throw new Error(`no ${x}`)\n}\n',
    )
    writeFileSync(
      join(folder, 'entry.ts'),
      "import { deep } from './deep.ts'\nexport const handler = (): void => deep(1)\n",
    )
    bundle(join(folder, 'entry.ts'), join(folder, 'index.js'))
    const script = `try { require(${JSON.stringify(join(folder, 'index.js'))}).handler() } catch (error) { process.stdout.write(error.stack) }`
    const trace = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })
    expect(trace).toMatch(/index\.js:1:\d+/)
    const told = readable(trace, join(folder, 'entry.ts'), folder)
    expect(told).toMatch(/^Error: no 1/)
    expect(told).toMatch(/\bdeep\.ts:4:\d+/)
    expect(told).toMatch(/\bentry\.ts:2:\d+/)
    expect(told).not.toContain('index.js')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
