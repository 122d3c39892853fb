// Reads outside data without trusting its shape.

export type Json = Record<string, unknown>

export const record = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined

/** Empty if it is not an object: what is missing is then missing further down as well. */
export const within = (value: unknown): Json => record(value) ?? {}

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** The strings of an object, with numbers as strings; the same object if all its values are strings, as they nearly always are. */
export function strings(value: unknown): Record<string, string> | undefined {
  const found = record(value)
  if (!found) return undefined
  let [any, all] = [false, true]
  for (const key in found) {
    if (typeof found[key] === 'string') any = true
    else all = false
  }
  if (all) return any ? (found as Record<string, string>) : undefined
  const clean = Object.entries(found).filter(([, entry]) => typeof entry === 'string' || typeof entry === 'number')
  return clean.length > 0 ? Object.fromEntries(clean.map(([key, entry]) => [key, String(entry)])) : undefined
}

/** `[{ name, value }]`, as SNS lists dimensions. */
export function pairs(value: unknown): Record<string, string> | undefined {
  if (!Array.isArray(value)) return strings(value)
  const clean: Record<string, unknown> = {}
  for (const entry of value) {
    const pair = record(entry)
    const key = text(pair?.['name'] ?? pair?.['Name'])
    if (key !== undefined) clean[key] = pair?.['value'] ?? pair?.['Value']
  }
  return strings(clean)
}
