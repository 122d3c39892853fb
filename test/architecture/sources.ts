// The project's files and what each imports, read as text.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..', '..')

export interface Import {
  /** As written in the file. */
  name: string
  /** Types only: nothing is left of it at run time. */
  typeOnly: boolean
}

/** Paths from the root, without declarations. */
export const filesIn = (...folders: string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
      .map((file) => join(folder, file)),
  )

export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** Without comments, which may name what the code must not do. */
export const codeOf = (file: string): string => textOf(file).replace(/\/\*[^]*?\*\/|(?<!:)\/\/.*/g, '')

const STATEMENT =
  /(?:^|\n)\s*(?:import|export)\b(\s+type\b)?[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import '([^']+)'/g

export const importsOf = (source: string): Import[] =>
  [...source.matchAll(STATEMENT)].map(([, type, from, dynamic, effect]) => ({
    name: (from ?? dynamic ?? effect)!,
    typeOnly: type !== undefined,
  }))

export const isRelative = ({ name }: Import): boolean => name.startsWith('.')

/** The file that a relative import names, from the root. */
export const targetOf = (file: string, { name }: Import): string => relative(ROOT, resolve(ROOT, dirname(file), name))

/** Files that import each other's values, directly or through others: each cycle once, as a path that ends where it began. */
export function circlesIn(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = []
  const done = new Set<string>()
  const visit = (file: string, path: string[]): void => {
    const at = path.indexOf(file)
    if (at >= 0) return void circles.push([...path.slice(at), file])
    if (done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  return circles
}
