// Runbooks of your own: each file of a folder is one.
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import type { Rehearsal, Runbook } from './runbook.ts'

export interface Own {
  /** Its path. */
  file: string
  runbook: Runbook
  /** Of whoever has written one. */
  rehearsal?: Rehearsal
}

export interface Found {
  own: ReadonlyMap<string, Own>
  mistakes: { key: string; problem: string }[]
}

const called = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'must be a function')

/** It is part of the name of a Lambda function, which has room for 64 characters. */
const NAME = /^[a-z][a-z0-9-]{0,30}$/

const shape = z.looseObject({
  name: z.string().regex(NAME, 'must be lower-case letters, digits and hyphens, at most 31'),
  title: z.string().min(1),
  needs: z.array(z.string()),
  destructive: z.boolean(),
  options: z.custom((value) => value instanceof z.ZodType, 'must be a Zod schema: z.strictObject({ … })'),
  lock: called,
  permissions: called,
  look: called,
  steps: called,
  healthy: called,
})

const rehearsed = z.looseObject({ with: z.record(z.string(), z.unknown()), outside: called })

/** Files that are no runbook are told as mistakes, and none of them stops the others. `taken`: names that are not free. */
export async function ownIn(folder: URL, taken: ReadonlySet<string>): Promise<Found> {
  const own = new Map<string, Own>()
  const mistakes: Found['mistakes'] = []
  const files = existsSync(folder) ? readdirSync(folder).sort() : []
  for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
    const key = `runbooks/${file}`
    const at = new URL(file, folder)
    const read = await readOne(at)
    const name = 'runbook' in read ? read.runbook.name : ''
    const problem =
      'problem' in read
        ? read.problem
        : taken.has(name) || own.has(name)
          ? `there is already a runbook ${JSON.stringify(name)}: give it another name`
          : undefined
    if (problem !== undefined) mistakes.push({ key, problem })
    else own.set(name, { file: fileURLToPath(at), ...(read as Omit<Own, 'file'>) })
  }
  return { own, mistakes }
}

async function readOne(at: URL): Promise<Omit<Own, 'file'> | { problem: string }> {
  let exported: Record<string, unknown>
  try {
    exported = (await import(at.href)) as Record<string, unknown>
  } catch (error) {
    return { problem: `cannot be loaded: ${error instanceof Error ? error.message : String(error)}` }
  }
  const { default: runbook, rehearsal } = exported
  if (runbook === undefined) return { problem: 'exports no runbook: write export default defineRunbook({ … })' }
  const wrong =
    shape.safeParse(runbook).error ?? (rehearsal === undefined ? undefined : rehearsed.safeParse(rehearsal).error)
  if (wrong) {
    const [{ path, message }] = wrong.issues as [z.core.$ZodIssue]
    return { problem: `${path.join('.') || 'it'}: ${message}` }
  }
  return { runbook: runbook as Runbook, ...(rehearsal !== undefined && { rehearsal: rehearsal as Rehearsal }) }
}
