// The user's one file, checked whole: every mistake in one message, each with its key and what to write instead. And the environment, read once.
import { closest, distance } from 'fastest-levenshtein'
import * as z from 'zod'
import { KINDS, RUNBOOKS, SIGNALS } from './core/catalogue.ts'
import { CORRELATION, type Config } from './core/config.ts'
import { UNUSABLE_ID } from './core/rules.ts'

const DAY = 86_400
const seconds = (most: number, what: string, initial: number) =>
  z.number().int().min(0).max(most).default(initial).describe(`Seconds (0 to ${most}). ${what}`)

const id = z.string().min(1).max(128)
const text = z.string().min(1)

const matcher = z
  .strictObject({
    name: text.optional().describe("The alarm's name; * and ? are wildcards, as in every field of a matcher"),
    namespace: text.optional(),
    metric: text.optional(),
    dimensions: z.record(z.string(), z.string()).optional().describe('All of them must fit'),
    account: text.optional(),
    region: text.optional(),
  })
  .describe('All fields that are given must fit; * and ? are wildcards')

const service = z.strictObject({
  title: text.optional().describe('How people call it; by default its id'),
  kind: z.enum(KINDS).default('service').describe('Load balancers and clients only show what is behind them'),
  dependsOn: z.array(id).default([]).describe('Ids of the services that it calls or uses'),
  alarms: z
    .array(matcher)
    .default([])
    .describe('Which alarms are its own; by default those that hold its id in a dimension or in their name'),
  statusPage: z.array(text).default([]).describe('Components of the status page that people see break with it'),
  target: z.record(z.string(), z.unknown()).optional().describe('What runbooks act on'),
})

const { flap, ...defaults } = CORRELATION

const correlation = z.strictObject({
  windowSeconds: seconds(
    DAY,
    'A tied alarm joins an incident within this time of its last change',
    defaults.windowSeconds,
  ),
  resolveGraceSeconds: seconds(
    6 * 3600,
    'How long everything must stay quiet before an incident resolves',
    defaults.resolveGraceSeconds,
  ),
  reopenWindowSeconds: seconds(
    7 * DAY,
    'A refire within this time of the end continues the same incident',
    defaults.reopenWindowSeconds,
  ),
  holdSeconds: seconds(
    900,
    'Minor incidents are held back for this time, in case they pass by themselves',
    defaults.holdSeconds,
  ),
  flap: z
    .strictObject({
      changes: z.number().int().min(3).max(20).default(flap.changes),
      withinSeconds: z.number().int().min(60).max(DAY).default(flap.withinSeconds),
    })
    .default(flap)
    .describe('So many changes within so many seconds are one notice, not many'),
})

const schema = z.strictObject({
  $schema: z.string().optional(),
  slack: z.strictObject({
    channel: text.describe('Id (C…) or name of the channel'),
    approvers: z
      .array(text)
      .default([])
      .describe('Slack ids of users (U…) or user groups (S…) who may approve runbooks'),
  }),
  timeZone: z
    .string()
    .refine(isTimeZone, 'is no time zone; write one like "Europe/Zurich" or "UTC"')
    .default('UTC')
    .describe('Where it is morning when a snooze ends "until morning"'),
  services: z.record(id, service).describe('By id: free text of up to 128 characters'),
  signals: z
    .array(z.strictObject({ namespace: text.optional(), metric: text.optional(), signal: z.enum(SIGNALS) }))
    .default([])
    .describe('Which metrics are which signal, before the table that Tocsin knows'),
  correlation: correlation.default({ ...defaults, flap }),
  escalation: z
    .array(
      z.strictObject({
        afterSeconds: z
          .number()
          .int()
          .min(0)
          .max(7 * DAY),
        notify: z.array(text).min(1).describe('Slack ids of users (U…) or user groups (S…)'),
      }),
    )
    .default([])
    .describe('Who is told when nobody acknowledges'),
  runbooks: z
    .array(
      z.strictObject({
        runbook: text,
        when: z.strictObject({ service: id.optional(), signals: z.array(z.enum(SIGNALS)).optional() }),
        mode: z.enum(['suggest', 'auto']),
        approvals: z.number().int().min(1).max(5).default(1),
        with: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .default([]),
  statusPage: z.record(z.string(), z.unknown()).optional(),
})

export type ConfigInput = z.input<typeof schema>

/** Completion and checks in the editor for `tocsin.config.ts`. */
export const defineConfig = (config: ConfigInput): ConfigInput => config

export interface Mistake {
  key: string
  problem: string
}

export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly mistakes: Mistake[]
  constructor(mistakes: Mistake[], where: string) {
    super(
      `${where} has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map(({ key, problem }) => `  ${key}: ${problem}`).join('\n')}`,
    )
    this.mistakes = mistakes
  }
}

/** The config with all defaults. Throws a `ConfigError` that holds every mistake. */
export function checkConfig(input: unknown, where = 'the config'): Config {
  const result = schema.safeParse(input)
  const mistakes = [...(result.error?.issues ?? []).flatMap((issue) => explain(issue, input)), ...crossCheck(input)]
  if (mistakes.length > 0 || !result.success) throw new ConfigError(mistakes, where)
  const { $schema: _, ...config } = result.data
  const titled = Object.entries(config.services).map(
    ([id, service]) => [id, { ...service, title: service.title ?? id }] as const,
  )
  return { ...config, services: Object.fromEntries(titled) } as Config
}

export const configSchema = (): object => z.toJSONSchema(schema, { io: 'input' })

type Path = readonly (string | number | symbol)[]

const keyOf = (path: Path): string =>
  path.reduce<string>((key, part) => {
    if (typeof part === 'number') return `${key}[${part}]`
    const name = String(part)
    return /^[\w$-]+$/.test(name) ? (key === '' ? name : `${key}.${name}`) : `${key}[${JSON.stringify(name)}]`
  }, '') || 'config'

function explain(issue: z.core.$ZodIssue, input: unknown): Mistake[] {
  const key = keyOf(issue.path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({ key: keyOf([...issue.path, name]), problem: unknownKey(name, issue.path) }))
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
  if (issue.code === 'invalid_key') return [{ key, problem: 'an id has 1 to 128 characters' }]
  return [{ key, problem: issue.message }]
}

const a = (type: string): string =>
  ({ record: 'an object', object: 'an object', array: 'a list', int: 'a whole number' })[type] ?? `a ${type}`

function tooSmall(issue: { minimum: number | bigint; origin: string }, value: unknown): string {
  if (issue.origin === 'string' || issue.origin === 'array') return 'must not be empty'
  return `is ${show(value)}; write ${issue.minimum === 0 ? 'zero or more' : `at least ${issue.minimum}`}`
}

/** Which keys an object at this path may have: ids of services stand for themselves, so the shape of the path decides. */
const KEYS: [shape: RegExp, keys: readonly string[]][] = [
  [/^$/, Object.keys(schema.shape)],
  [/^slack$/, ['channel', 'approvers']],
  [/^services\/\*$/, Object.keys(service.shape)],
  [/^services\/\*\/alarms\/#$/, Object.keys(matcher.shape)],
  [/^signals\/#$/, ['namespace', 'metric', 'signal']],
  [/^correlation$/, Object.keys(correlation.shape)],
  [/^correlation\/flap$/, Object.keys(flap)],
  [/^escalation\/#$/, ['afterSeconds', 'notify']],
  [/^runbooks\/#$/, ['runbook', 'when', 'mode', 'approvals', 'with']],
  [/^runbooks\/#\/when$/, ['service', 'signals']],
]

function unknownKey(name: string, path: Path): string {
  const shape = path
    .map((part, place) => (typeof part === 'number' ? '#' : place === 1 && path[0] === 'services' ? '*' : String(part)))
    .join('/')
  const known = KEYS.find(([pattern]) => pattern.test(shape))?.[1] ?? []
  return `is not a key of this config${hint(name, known)}`
}

/** A value as it stands in a message; TypeScript configs may hold what JSON cannot. */
function show(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return String(value)
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return 'something that is no JSON'
  }
}

/** The nearest known word, if there is one near enough to be meant. */
function hint(word: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const near = closest(word, [...known])
  return distance(word, near) <= Math.max(2, word.length / 3)
    ? `; did you mean ${JSON.stringify(near)}?`
    : `; write one of ${known
        .slice(0, 12)
        .map((k) => JSON.stringify(k))
        .join(', ')}`
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const at = (input: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part], input)

/** What no single key can tell. Reads the raw input, so that it is told together with every other mistake. */
function crossCheck(input: unknown): Mistake[] {
  const config = record(input)
  const services = record(config['services'])
  const ids = Object.keys(services)
  const mistakes: Mistake[] = []
  const unknownService = (path: Path, name: unknown): void => {
    if (typeof name === 'string' && name !== '' && !Object.hasOwn(services, name))
      mistakes.push({ key: keyOf(path), problem: `there is no service ${JSON.stringify(name)}${hint(name, ids)}` })
  }
  if (Object.hasOwn(services, UNUSABLE_ID))
    mistakes.push({ key: keyOf(['services', UNUSABLE_ID]), problem: 'cannot be an id; choose another one' })
  const owners = new Map<string, string>()
  for (const id of ids) {
    const entry = record(services[id])
    list(entry['dependsOn']).forEach((name, place) => {
      const path = ['services', id, 'dependsOn', place]
      if (name === id) mistakes.push({ key: keyOf(path), problem: 'a service does not depend on itself; leave it out' })
      else unknownService(path, name)
    })
    list(entry['alarms']).forEach((rule, place) => {
      const key = keyOf(['services', id, 'alarms', place])
      const shape = canonical(rule)
      const owner = owners.get(shape)
      if (isEmptyMatcher(rule))
        mistakes.push({ key, problem: 'an empty matcher would take every alarm; say which ones' })
      else if (owner !== undefined && owner !== id)
        mistakes.push({
          key,
          problem: `the service ${JSON.stringify(owner)} has the same matcher; an alarm belongs to one service`,
        })
      else owners.set(shape, id)
    })
  }
  list(config['escalation']).forEach((step, place, steps) => {
    const [now, before] = [record(step)['afterSeconds'], record(steps[place - 1])['afterSeconds']]
    if (typeof now === 'number' && typeof before === 'number' && now < before)
      mistakes.push({
        key: keyOf(['escalation', place, 'afterSeconds']),
        problem: `is ${now}, earlier than the step before it (${before}); write the steps in the order of their times`,
      })
  })
  list(config['runbooks']).forEach((entry, place) => {
    const name = record(entry)['runbook']
    if (typeof name === 'string' && !RUNBOOKS.includes(name))
      mistakes.push({
        key: keyOf(['runbooks', place, 'runbook']),
        problem: `there is no runbook ${JSON.stringify(name)}${RUNBOOKS.length > 0 ? hint(name, RUNBOOKS) : '; this version has none yet, leave it out'}`,
      })
    unknownService(['runbooks', place, 'when', 'service'], record(record(entry)['when'])['service'])
  })
  return mistakes
}

/** Also one whose only field is empty. */
function isEmptyMatcher(rule: unknown): boolean {
  const { dimensions, ...fields } = record(rule)
  return Object.keys(fields).length === 0 && Object.keys(record(dimensions)).length === 0
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return show(value)
  return `{${Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([key, entry]) => `${key}:${canonical(entry)}`)
    .join()}}`
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
