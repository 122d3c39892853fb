// Checks which runbooks exist, which options they take, and what they need from a service.
import type * as z from 'zod'
import { RUNBOOKS } from '../runbooks/index.ts'
import type { Runbook } from '../runbooks/runbook.ts'
import { explain } from './explain.ts'
import { target as targetSchema, type Target } from './target.ts'
import { list, within } from '../core/json.ts'
import { hasNeeded, needed } from '../core/remediate/needs.ts'
import { hint, keyOf, type Mistake } from './words.ts'

export function runbookMistakes(
  config: Record<string, unknown>,
  runbooks: ReadonlyMap<string, Runbook> = RUNBOOKS,
): Mistake[] {
  const services = within(config['services'])
  return list(config['runbooks']).flatMap((rule, place) => {
    const { runbook: name, with: options, when } = within(rule)
    if (typeof name !== 'string') return []
    const runbook = runbooks.get(name)
    const key = keyOf(['runbooks', place, 'runbook'])
    if (!runbook)
      return [{ key, problem: `there is no runbook ${JSON.stringify(name)}${hint(name, [...runbooks.keys()])}` }]
    const given = options === undefined ? {} : options
    const read = runbook.options.safeParse(given)
    // If it is not an object at all, the schema says so.
    const issues = given === within(given) ? (read.error?.issues ?? []) : []
    const wrong = issues.flatMap((issue) => optionMistakes(issue, given, runbook, place))
    const service = within(when)['service']
    const about = { runbook, place, options: read.data }
    return [
      ...wrong,
      ...(typeof service === 'string' ? serviceMistakes(about, services, service) : anyMistakes(about, services)),
    ]
  })
}

function optionMistakes(issue: z.core.$ZodIssue, given: unknown, { options }: Runbook, place: number): Mistake[] {
  const prefix = keyOf(['runbooks', place, 'with'])
  return explain(issue, given, options).map(({ key, problem }) => ({
    key:
      issue.path.length === 0 && issue.code !== 'unrecognized_keys'
        ? prefix
        : `${prefix}${key.startsWith('[') ? '' : '.'}${key}`,
    problem,
  }))
}

interface About {
  runbook: Runbook
  place: number
  /** Undefined if they have mistakes of their own. */
  options: Record<string, unknown> | undefined
}

function serviceMistakes({ runbook, place, options }: About, services: Record<string, unknown>, id: string): Mistake[] {
  if (!Object.hasOwn(services, id)) return []
  const problem = lackOf(runbook, services[id], options)
  return problem === undefined
    ? []
    : [
        {
          key: keyOf(['runbooks', place, 'when', 'service']),
          problem: `${problem}; write it in ${keyOf(['services', id, 'target'])}`,
        },
      ]
}

/** A rule that names no service: at least one of all services must fit. */
function anyMistakes({ runbook, place, options }: About, services: Record<string, unknown>): Mistake[] {
  if (runbook.needs.length === 0 && !runbook.lacks) return []
  const lacks = Object.values(services).map((service) => lackOf(runbook, service, options))
  if (lacks.includes(undefined) || lacks.length === 0) return []
  return [{ key: keyOf(['runbooks', place]), problem: `no service has what it acts on: ${lacks[0]!}` }]
}

/** What the service's target lacks, in words; undefined if it lacks nothing, or has mistakes of its own. */
function lackOf(runbook: Runbook, service: unknown, options: Record<string, unknown> | undefined): string | undefined {
  const read = targetSchema.safeParse(within(service)['target'] ?? {})
  if (!read.success) return undefined
  const target = read.data as Target
  const { name, needs, lacks } = runbook
  if (!hasNeeded(target, needs)) return `${name} needs ${needed(needs)}`
  const problem = options === undefined ? undefined : lacks?.(target, options)
  return problem === undefined ? undefined : `${name}: ${problem}`
}
