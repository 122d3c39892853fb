// Reads a world: every mistake in one message, each with its key and what to write instead.
import * as z from 'zod'
import { explain } from '../../../lambda/config/explain.ts'
import { within } from '../../../lambda/core/json.ts'
import { keyOf, type Mistake, type Path } from '../../../lambda/config/words.ts'
import { crossCheck } from './cross-check.ts'
import { keyOf as metricKeyOf, published } from '../measure/metrics.ts'
import { world, type Plan } from './schema.ts'
import {
  BROKER_VALUES,
  CALL_VALUES,
  DATABASE_VALUES,
  DISK_VALUES,
  QUEUE_VALUES,
  SERVICE_VALUES,
} from './schema-watch.ts'

export class WorldError extends Error {
  override name = 'WorldError'
  readonly mistakes: Mistake[]
  constructor(mistakes: Mistake[], where: string) {
    super(
      `${where} has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map(({ key, problem }) => `  ${key}: ${problem}`).join('\n')}`,
    )
    this.mistakes = mistakes
  }
}

/** The world with all defaults. Throws a `WorldError` that holds every mistake. Its Tocsin config is checked separately. */
export function checkWorld(input: unknown, where = 'the world'): Plan {
  const result = world.safeParse(input)
  const mistakes = [
    ...(result.error?.issues ?? []).flatMap((issue) => explained(issue, input)),
    ...crossCheck(input),
    ...(result.success ? unmeasured(result.data) : []),
  ]
  if (mistakes.length > 0 || !result.success) throw new WorldError(mistakes, where)
  return result.data
}

export const worldSchema = (): object => z.toJSONSchema(world, { io: 'input', reused: 'ref' })

function explained(issue: z.core.$ZodIssue, input: unknown): Mistake[] {
  if (issue.code === 'invalid_union') return [{ key: keyOf(issue.path), problem: unionProblem(issue, input) }]
  return explain(issue, input, world).map(({ key, problem }) => ({
    key: key === 'config' ? 'world' : key,
    problem: problem.replace('of this config', 'of this world'),
  }))
}

/** The shapes that a measure or an event may have, in one sentence: which of them was meant cannot be told. */
function unionProblem(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.path[0] === 'events' && 'discriminator' in issue) {
    const does = within(atPath(input, issue.path.slice(0, 2)))['does']
    const known = `write one of ${EVENTS.join(', ')}`
    return does === undefined ? `is missing; ${known}` : `${JSON.stringify(does)} is not known; ${known}`
  }
  const given = within(atPath(input, issue.path))
  const [keys, values] = MEASURES.find(([keys]) => keys.every((key) => key in given)) ?? []
  if (!keys || !values) return `is not a measure; write ${MEASURES.map(([keys]) => shapeOf(keys)).join(', ')}`
  const value = String(given['value'])
  return values.includes(value)
    ? `must be ${shapeOf(keys)}, and no other keys`
    : `has no value ${JSON.stringify(value)}; of ${shapeOf(keys)} it is one of ${values.join(', ')}`
}

const shapeOf = (keys: readonly string[]): string => `{ ${[...keys, 'value'].map((key) => `"${key}"`).join(', ')} }`

/** The narrower first: a queue's measure names its broker too. */
const MEASURES: [keys: string[], values: readonly string[]][] = [
  [['broker', 'queue'], QUEUE_VALUES],
  [['broker'], BROKER_VALUES],
  [['service', 'to'], CALL_VALUES],
  [['service'], SERVICE_VALUES],
  [['instance', 'path'], DISK_VALUES],
  [['database'], DATABASE_VALUES],
]

const EVENTS = world.shape.events.element.options.map((option) => [...option.shape.does.values][0]!)

const atPath = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part], value)

/** An alarm on a metric that nobody publishes never fires. */
function unmeasured(plan: Plan): Mistake[] {
  const known = new Set([...published(plan), ...plan.metrics].map(metricKeyOf))
  return Object.entries(plan.alarms)
    .filter(([, alarm]) => alarm.measures === undefined && !known.has(metricKeyOf(alarm)))
    .map(([name, { namespace, metric }]) => ({
      key: keyOf(['alarms', name]),
      problem: `nothing in this world publishes ${namespace} ${metric} with these dimensions; add "measures"`,
    }))
}
