// Says what is wrong with one key, and what to write instead.
import * as z from 'zod'
import { at, hint, keyOf, show, type Mistake, type Path } from './words.ts'

export function explain(issue: z.core.$ZodIssue, input: unknown, schema: z.ZodType): Mistake[] {
  const key = keyOf(issue.path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({
      key: keyOf([...issue.path, name]),
      problem: `is not a key of this config${hint(name, keysAt(schema, issue.path))}`,
    }))
  const value = at(input, issue.path)
  if (issue.code === 'invalid_value' && value === undefined)
    return [{ key, problem: `is missing; write one of ${issue.values.map((one) => JSON.stringify(one)).join(', ')}` }]
  if (issue.code === 'invalid_value')
    return [
      {
        key,
        problem: `${show(at(input, issue.path))} is not known; write one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`,
      },
    ]
  if (issue.code === 'invalid_type' && at(input, issue.path) === undefined)
    return [{ key, problem: `is missing; write ${a(issue.expected)}` }]
  if (issue.code === 'invalid_type')
    return [{ key, problem: `must be ${a(issue.expected)}, not ${show(at(input, issue.path))}` }]
  if (issue.code === 'too_small') return [{ key, problem: tooSmall(issue, at(input, issue.path)) }]
  if (issue.code === 'too_big')
    return [{ key, problem: `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}` }]
  if (issue.code === 'invalid_key') return [{ key, problem: issue.issues[0]!.message }]
  return [{ key, problem: issue.message }]
}

const a = (type: string): string =>
  ({ record: 'an object', object: 'an object', array: 'a list', int: 'a whole number' })[type] ?? `a ${type}`

function tooSmall(issue: { minimum: number | bigint; origin: string }, value: unknown): string {
  if (issue.origin === 'string' || issue.origin === 'array') return 'must not be empty'
  return `is ${show(value)}; write ${issue.minimum === 0 ? 'zero or more' : `at least ${issue.minimum}`}`
}

/** Which keys the object at this path may have. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  const [part, ...rest] = path
  const bare = unwrapped(schema)
  if (bare instanceof z.ZodUnion) return bare.options.flatMap((option) => keysAt(option as z.ZodType, path))
  if (part === undefined) return bare instanceof z.ZodObject ? Object.keys(bare.shape) : []
  if (bare instanceof z.ZodObject) {
    const inner = (bare.shape as Record<string, z.ZodType>)[String(part)]
    return inner ? keysAt(inner, rest) : []
  }
  if (bare instanceof z.ZodRecord) return keysAt(bare.valueType as z.ZodType, rest)
  if (bare instanceof z.ZodArray) return keysAt(bare.element as z.ZodType, rest)
  return []
}

function unwrapped(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? unwrapped(schema.unwrap() as z.ZodType)
    : schema
}
