// Reads a world: every mistake in one message, each with its key and what to write instead.
import * as z from 'zod'
import { explain } from '../../lambda/config/explain.ts'
import { hint, keyOf, list, record, type Mistake, type Path } from '../../lambda/config/words.ts'
import { keyOf as metricKeyOf, published } from './metrics.ts'
import { DRILL_SECONDS, world, type Plan } from './schema.ts'
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

/** The world with all defaults. Throws a `WorldError` that holds every mistake. Its Tocsin config is checked by itself. */
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

/** What is known of a measure's or an event's shape, in one sentence: which of them was meant cannot be told. */
function unionProblem(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.path[0] === 'events' && 'discriminator' in issue) {
    const does = record(atPath(input, issue.path.slice(0, 2)))['does']
    const known = `write one of ${EVENTS.join(', ')}`
    return does === undefined ? `is missing; ${known}` : `${JSON.stringify(does)} is not known; ${known}`
  }
  const given = record(atPath(input, issue.path))
  const [keys, values] = MEASURES.find(([keys]) => keys.every((key) => key in given)) ?? []
  if (!keys || !values) return `is no measure; write ${MEASURES.map(([keys]) => shapeOf(keys)).join(', ')}`
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

/** Names that must be there. Reads the raw input, so that it is told together with every other mistake. */
function crossCheck(input: unknown): Mistake[] {
  const all = record(input)
  const parts = {
    broker: Object.keys(record(all['brokers'])),
    service: Object.keys(record(all['services'])),
    instance: Object.keys(record(all['instances'])),
    database: Object.keys(record(all['databases'])),
  }
  const mistakes: Mistake[] = []
  const expect = (path: Path, name: unknown, known: string[], what: string): void => {
    if (typeof name === 'string' && !known.includes(name))
      mistakes.push({ key: keyOf(path), problem: `there is no ${what} ${JSON.stringify(name)}${hint(name, known)}` })
  }
  const callees = [...parts.service, ...parts.broker]
  const names = (path: Path, value: unknown): void => {
    const one = record(value)
    for (const what of ['broker', 'service', 'instance', 'database'] as const)
      expect([...path, what], one[what], parts[what], what)
    const queues = Object.keys(record(record(record(all['brokers'])[String(one['broker'])])['queues']))
    if (parts.broker.includes(String(one['broker']))) expect([...path, 'queue'], one['queue'], queues, 'queue')
    const calls = list(record(record(all['services'])[String(one['service'])])['calls']).map((c) => String(record(c)['to']))
    if (parts.service.includes(String(one['service'])))
      expect([...path, 'to'], one['to'], calls, `call of ${String(one['service'])} to`)
  }

  for (const id of parts.service.filter((one) => parts.broker.includes(one)))
    mistakes.push({ key: keyOf(['services', id]), problem: 'is the name of a broker too; choose another one' })
  for (const [id, value] of Object.entries(record(all['services']))) {
    const service = record(value)
    list(service['calls']).forEach((call, place) =>
      expect(['services', id, 'calls', place, 'to'], record(call)['to'], callees, 'service or broker'),
    )
    list(record(service['systemd'])['instances']).forEach((name, place) =>
      expect(['services', id, 'systemd', 'instances', place], name, parts.instance, 'instance'),
    )
    const kinds = ['ecs', 'autoScaling', 'systemd'].filter((kind) => service[kind] !== undefined)
    if (kinds.length > 1)
      mistakes.push({ key: keyOf(['services', id]), problem: `has ${kinds.join(' and ')}; a service runs in one way` })
  }
  for (const [name, alarm] of Object.entries(record(all['alarms'])))
    names(['alarms', name, 'measures'], record(alarm)['measures'])
  for (const key of ['metrics', 'healthy', 'curves'])
    list(all[key]).forEach((entry, place) => names([key, place, 'measures'], record(entry)['measures']))
  list(all['healthy']).forEach((entry, place) => {
    if ((record(entry)['above'] === undefined) === (record(entry)['below'] === undefined))
      mistakes.push({ key: keyOf(['healthy', place]), problem: 'needs one of "above" and "below"' })
  })
  const end = typeof all['seconds'] === 'number' ? all['seconds'] : DRILL_SECONDS
  list(all['events']).forEach((event, place) => {
    names(['events', place], event)
    const { at } = record(event)
    if (typeof at === 'number' && at >= end)
      mistakes.push({ key: keyOf(['events', place, 'at']), problem: `is ${at}, when the drill has ended (seconds: ${end})` })
    const { instance, folder } = record(event)
    const disks = Object.keys(record(record(record(all['instances'])[String(instance)])['disks']))
    if (typeof folder === 'string' && !folder.startsWith('/'))
      mistakes.push({ key: keyOf(['events', place, 'folder']), problem: 'must be an absolute path' })
    else if (typeof folder === 'string' && disks.length > 0 && !disks.some((disk) => folder.startsWith(disk)))
      mistakes.push({ key: keyOf(['events', place, 'folder']), problem: `is on no disk of ${String(instance)}` })
  })
  for (const [id, value] of Object.entries(record(all['instances'])))
    for (const [path, disk] of Object.entries(record(record(value)['disks'])))
      for (const folder of Object.keys(record(record(disk)['folders'])))
        if (!folder.startsWith(path))
          mistakes.push({
            key: keyOf(['instances', id, 'disks', path, 'folders', folder]),
            problem: `is not below ${path}`,
          })
  if (all['alarms'] !== undefined && Object.keys(record(all['alarms'])).length === 0)
    mistakes.push({ key: 'alarms', problem: 'is empty: without an alarm nobody is told' })
  return mistakes
}

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
