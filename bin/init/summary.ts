// What is about to be written, in a few lines: the services, their edges, and whether the existing alarms find one.
import { plural } from '../../lambda/core/words/words.ts'
import { cut, printable } from '../terminal/words.ts'
import type { FoundAlarm, ServiceInput } from './found.ts'
import { finder } from './propose.ts'

/** How many services are listed. */
const MOST_LISTED = 30

export function summary(services: Record<string, ServiceInput>, alarms: readonly FoundAlarm[]): string {
  const entries = Object.entries(services)
  const lines = entries
    .slice(0, MOST_LISTED)
    .map(
      ([id, { dependsOn = [] }]) =>
        `  ${cut(printable(`${id}${dependsOn.length > 0 ? ` → ${dependsOn.join(', ')}` : ''}`), 98)}`,
    )
  if (entries.length > MOST_LISTED) lines.push(`  and ${entries.length - MOST_LISTED} more`)
  const find = finder(services)
  const homed = alarms.filter((alarm) => find(alarm) !== undefined).length
  const covered =
    alarms.length === 0
      ? []
      : homed === alarms.length
        ? [`All ${plural(alarms.length, 'alarm')} that exist find a service.`]
        : [
            `${homed} of ${alarms.length} alarms that exist find a service; each of the others becomes a service of its own.`,
          ]
  return [
    '',
    `${plural(entries.length, 'service')}${entries.length > 0 ? ' and what they depend on:' : ''}`,
    ...lines,
    ...covered,
    '',
  ].join('\n')
}
