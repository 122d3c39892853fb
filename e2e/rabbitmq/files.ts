// What survives a SIGKILL, in files: the board with all that a table keeps, and the journal of each execution.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nameOf, type Journal, type RunOrder } from '../../lambda/ports/runs.ts'
import type { Item, Table } from '../../lambda/ports/table.ts'
import { memoryTable } from '../../replay/memory.ts'

/** One process at a time uses it. */
export async function tableIn(folder: string): Promise<Table> {
  const file = join(folder, 'table')
  const table = memoryTable()
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Item[]) : []
  for (const item of kept) await table.advance(item)
  const keep = (): void => {
    // A kill while it is written must leave the old one whole.
    writeFileSync(`${file}.new`, JSON.stringify([...table.items()]))
    renameSync(`${file}.new`, file)
  }
  return {
    ...table,
    async replace(item, expected) {
      const isNew = await table.replace(item, expected)
      if (isNew) keep()
      return isNew
    },
    async advance(item) {
      await table.advance(item)
      keep()
    },
  }
}

/**
 * Between turns the recipe waits until the broker has counted: a shorter wait would find old numbers, so these stay as they are, up to the
 * longest that the recipe has. Before and between looks at its health nothing depends on the wait: too early a look is followed by another one.
 */
const MOST_SECONDS = { turns: 10, health: 1 }

const isForHealth = (name: string): boolean => name === 'settle' || name.startsWith('verify ')

/** What throws is not tried again: a step that fails here shows a mistake, and a second try might hide it. */
export function journalIn(folder: string, order: RunOrder): Journal {
  const file = join(folder, nameOf(order))
  const ended = new Map(linesOf(file))
  const note = (name: string, value?: unknown): void => {
    const line = JSON.stringify(value === undefined ? [name] : [name, value])
    append(file, `${line}\n`)
    ended.set(...(JSON.parse(line) as Line))
  }
  return {
    async step<T>(name: string, work: () => Promise<T>): Promise<T> {
      if (!ended.has(name)) note(name, await work())
      return ended.get(name) as T
    },
    async wait(name, seconds) {
      if (ended.has(name)) return
      await sleep(Math.min(seconds, MOST_SECONDS[isForHealth(name) ? 'health' : 'turns']) * 1000)
      note(name)
    },
  }
}

/** A step or wait that has ended, and its result if it has one. */
type Line = [name: string, value: unknown]

function linesOf(file: string): Line[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as Line)
}

function append(file: string, text: string): void {
  const opened = openSync(file, 'a')
  writeSync(opened, text)
  fsyncSync(opened)
  closeSync(opened)
}
