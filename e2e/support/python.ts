// A Python environment with what others wrote: created once from pinned and hashed packages, kept with the other caches.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const CACHE = resolve(import.meta.dirname, '..', '..', 'node_modules', '.cache')
const INSTALL = '-m pip install --quiet --disable-pip-version-check --require-hashes -r'.split(' ')

/** `name`: of its folder among the caches. Returns the path of its Python. */
export async function pythonWith(name: string, requirements: string): Promise<string> {
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(CACHE, name, version)
  const python = join(folder, 'bin', 'python')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return python
  rmSync(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder]).catch((error: Error) => {
    throw new Error(
      `Python cannot make a virtual environment: install python3 and python3-venv.\n${error.message.trim()}`,
    )
  })
  await run(python, [...INSTALL, requirements])
  writeFileSync(complete, '')
  return python
}
