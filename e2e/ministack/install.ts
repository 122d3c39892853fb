// A Python environment with MiniStack: created once from pinned and hashed packages, kept with the other caches.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const CACHE = resolve(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'ministack')
const INSTALL = '-m pip install --quiet --disable-pip-version-check --require-hashes -r'.split(' ')

/** Returns its path. */
export async function pythonWithMiniStack(): Promise<string> {
  const version = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12)
  const folder = join(CACHE, version)
  const python = join(folder, 'bin', 'python')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return python
  rmSync(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder]).catch((error: Error) => {
    throw new Error(
      `Python cannot make a virtual environment: install python3 and python3-venv.\n${error.message.trim()}`,
    )
  })
  await run(python, [...INSTALL, REQUIREMENTS])
  writeFileSync(complete, '')
  return python
}
