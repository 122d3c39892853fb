// The config as a file: TypeScript as a person would write it, or JSON.
import { dirname, extname, relative, resolve } from 'node:path'
import type { ConfigInput } from '../../lambda/config.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')
/** As wide as the project's own files. */
const WIDTH = 120

export function sourceOf(config: ConfigInput, file: string): string {
  if (extname(file) === '.json')
    return `${JSON.stringify({ $schema: pathTo('config.schema.json', file), ...config }, null, 2)}\n`
  return `// The one file you write: your services, who depends on whom, and which alarms are whose. docs/config.md has every key.
import { defineConfig } from ${quoted(pathTo('lambda/config.ts', file))}

export default defineConfig(${literal(config, '', false)})
`
}

/** Where a file of this project is, relative to another. */
function pathTo(target: string, file: string): string {
  const path = relative(dirname(resolve(file)), resolve(ROOT, target))
  return path.startsWith('.') ? path : `./${path}`
}

/** On one line if it fits, except for the outer levels: one service per line is easier to change. */
function literal(value: unknown, indent: string, mayBeShort = true, before = 0): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries: [key: string, value: unknown][] = Array.isArray(value)
    ? value.map((item) => ['', item])
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [`${keyed(key)}: `, item])
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  if (entries.length === 0) return `${open}${close}`
  if (mayBeShort) {
    const short = entries.map(([key, item]) => key + literal(item, '', true)).join(', ')
    const line = Array.isArray(value) ? `[${short}]` : `{ ${short} }`
    if (!line.includes('\n') && indent.length + before + line.length + 1 <= WIDTH) return line
  }
  const inner = `${indent}  `
  const lines = entries.map(([key, item]) => `${inner}${key}${literal(item, inner, isShort(key), key.length)},\n`)
  return `${open}\n${lines.join('')}${indent}${close}`
}

const isShort = (key: string): boolean => key !== 'services: '

const keyed = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key))

/** The quotes that need fewer escapes, as Prettier does. */
function quoted(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  const [single, double] = [escaped.split("'").length, escaped.split('"').length]
  return single > double ? `"${escaped.replaceAll('"', '\\"')}"` : `'${escaped.replaceAll("'", "\\'")}'`
}
