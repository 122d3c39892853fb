// Checks that no single key can make: services that do not exist, matchers that two services share, steps out of order.
import { UNUSABLE_ID } from '../core/services/rules.ts'
import { runbookMistakes } from './runbook-checks.ts'
import { watchMistakes } from './watch-checks.ts'
import { list, record, within } from '../core/json.ts'
import { hint, keyOf, noTeam, show, type Mistake, type Path } from './words.ts'

const EMPTY = 'an empty matcher would take every alarm; say which ones'
const EVERY = 'would ignore every alarm, and nobody would hear of any; say which ones are no news'

/** Reads the raw input, so that these mistakes are reported together with all others. */
export function crossCheck(input: unknown): Mistake[] {
  const config = within(input)
  const services = within(config['services'])
  const ids = Object.keys(services)
  const mistakes: Mistake[] = []
  const unknownService = (path: Path, name: unknown): void => {
    if (typeof name === 'string' && name !== '' && !Object.hasOwn(services, name))
      mistakes.push({ key: keyOf(path), problem: `there is no service ${JSON.stringify(name)}${hint(name, ids)}` })
  }
  for (const key of ['services', 'teams'])
    if (Object.hasOwn(within(config[key]), UNUSABLE_ID))
      mistakes.push({ key: keyOf([key, UNUSABLE_ID]), problem: 'cannot be an id; choose another one' })
  const owners = new Map<string, string>()
  for (const id of ids) {
    const entry = within(services[id])
    mistakes.push(...watchMistakes(id, entry))
    list(entry['dependsOn']).forEach((name, place) => {
      const path = ['services', id, 'dependsOn', place]
      if (name === id) mistakes.push({ key: keyOf(path), problem: 'a service does not depend on itself; leave it out' })
      else unknownService(path, name)
    })
    list(entry['alarms']).forEach((rule, place) => {
      const key = keyOf(['services', id, 'alarms', place])
      const shape = canonical(rule)
      const owner = owners.get(shape)
      if (isEmptyMatcher(rule)) mistakes.push({ key, problem: EMPTY })
      else if (owner !== undefined && owner !== id)
        mistakes.push({
          key,
          problem: `the service ${JSON.stringify(owner)} has the same matcher; an alarm belongs to one service`,
        })
      else owners.set(shape, id)
    })
  }
  list(config['ignore']).forEach((rule, place) => {
    const key = keyOf(['ignore', place])
    if (isEmptyMatcher(rule)) mistakes.push({ key, problem: EMPTY })
    else if (takesEvery(rule)) mistakes.push({ key, problem: EVERY })
  })
  list(config['severity']).forEach((rule, place) => {
    if (isEmptyMatcher(within(rule)['when'])) mistakes.push({ key: keyOf(['severity', place, 'when']), problem: EMPTY })
  })
  mistakes.push(...stepMistakes(['escalation'], config['escalation']), ...teamMistakes(config))
  list(config['runbooks']).forEach((entry, place) => {
    unknownService(['runbooks', place, 'when', 'service'], within(within(entry)['when'])['service'])
  })
  return [...mistakes, ...runbookMistakes(config)]
}

function stepMistakes(path: Path, steps: unknown): Mistake[] {
  return list(steps).flatMap((step, place, all) => {
    const [now, before] = [within(step)['afterSeconds'], within(all[place - 1])['afterSeconds']]
    if (typeof now !== 'number' || typeof before !== 'number' || now >= before) return []
    return {
      key: keyOf([...path, place, 'afterSeconds']),
      problem: `is ${now}, earlier than the step before it (${before}); write the steps in the order of their times`,
    }
  })
}

function teamMistakes(config: Record<string, unknown>): Mistake[] {
  const teams = within(config['teams'])
  const mistakes = Object.entries(teams).flatMap(([id, team]) =>
    stepMistakes(['teams', id, 'escalation'], within(team)['escalation']),
  )
  for (const [id, service] of Object.entries(within(config['services']))) {
    const { team } = within(service)
    if (typeof team !== 'string' || team === '' || Object.hasOwn(teams, team)) continue
    mistakes.push({ key: keyOf(['services', id, 'team']), problem: `there is ${noTeam(team, Object.keys(teams))}` })
  }
  return [...mistakes, ...spellingMistakes(config, teams)]
}

/** Two that share a channel get one message there, so both have to be known to mean the same one. */
function spellingMistakes(config: Record<string, unknown>, teams: Record<string, unknown>): Mistake[] {
  const channels: [key: string, channel: unknown][] = [
    ['slack.channel', within(config['slack'])['channel']],
    ...Object.entries(teams).map(([id, team]): [string, unknown] => [
      keyOf(['teams', id, 'channel']),
      within(team)['channel'],
    ]),
  ]
  const first = new Map<string, { key: string; channel: string }>()
  return channels.flatMap(([key, channel]) => {
    if (typeof channel !== 'string') return []
    const name = channel.replace(/^#+/, '').toLowerCase()
    const known = first.get(name)
    if (!known) first.set(name, { key, channel })
    if (!known || known.channel === channel) return []
    return { key, problem: `is the channel of ${known.key}: write it the same way, ${JSON.stringify(known.channel)}` }
  })
}

/** Also a matcher with nothing but empty dimensions. */
function isEmptyMatcher(rule: unknown): boolean {
  const matcher = record(rule)
  if (!matcher) return false
  const { dimensions, ...fields } = matcher
  return Object.keys(fields).length === 0 && Object.keys(within(dimensions)).length === 0
}

/** Every alarm has a name, an account and a region; not every one has a namespace, a metric or dimensions. */
function takesEvery(rule: unknown): boolean {
  const { dimensions, ...fields } = within(rule)
  return (
    Object.keys(within(dimensions)).length === 0 &&
    Object.keys(fields).length > 0 &&
    Object.entries(fields).every(
      ([field, pattern]) =>
        ['name', 'account', 'region'].includes(field) && typeof pattern === 'string' && /^\*+$/.test(pattern),
    )
  )
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return show(value)
  return `{${Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([key, entry]) => `${key}:${canonical(entry)}`)
    .join()}}`
}
