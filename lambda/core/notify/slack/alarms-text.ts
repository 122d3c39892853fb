// An incident's services and alarms as lines of text: thousands summed up, values next to thresholds, links to the console.
import { isDeleted, isFiring, type Alarm } from '../../incident/alarm.ts'
import { SECTION_MOST } from './blocks.ts'
import type { Signal } from '../../facts/signals.ts'
import type { Cause } from '../../correlate/cause.ts'
import { deletedIn, type Incident, type Tally } from '../../incident/incident.ts'
import { cut, plural } from '../../words/words.ts'
import { alarmUrl } from './console.ts'
import { flat, link, safe } from './mrkdwn.ts'
import type { Rules } from '../../services/rules.ts'
import type { Remediations } from '../../incident/run.ts'
import { SIGNAL_ORDER } from './title.ts'
import { amount, compare } from '../../words/units.ts'

/** How many services the message lists; the rest are counted. */
export const SERVICES_SHOWN = 8

const ALARMS_PER_SERVICE = 3

/** What a message is made of: the incident, its causes, and the alarms that represent its services. */
export interface View {
  incident: Incident
  causes: readonly Cause[]
  alarms: ReadonlyMap<string, Alarm>
  /** Set if somebody stopped all runbooks. */
  stopped?: Remediations['stopped']
}

/** Keys of the alarms that the message shows. */
export function shownAlarms(incident: Incident, causes: readonly Cause[]): string[] {
  return causes.slice(0, SERVICES_SHOWN).flatMap(({ service }) => leadsOf(incident, service))
}

/** Of one service, the first ones. */
export const leadsOf = (incident: Incident, service: string): string[] =>
  tallies(incident, service)
    .slice(0, ALARMS_PER_SERVICE)
    .map(([, { lead }]) => lead)

function tallies(incident: Incident, service: string): [Signal, Tally][] {
  const member = incident.services[service] ?? {}
  return SIGNAL_ORDER.filter((signal) => member[signal]).map((signal) => [signal, member[signal]!])
}

export function alarmsText(view: View, rules: Rules): string {
  const { incident, causes } = view
  const services = Object.keys(incident.services).length
  const total = Object.values(incident.services)
    .flatMap((member) => Object.values(member))
    .reduce((sum, { total }) => sum + total, 0)
  const head = `*${firingWords(incident.firing, total, deletedIn(incident))}*${services > 1 ? ` in ${services} services` : ''}`
  const shown = causes.slice(0, SERVICES_SHOWN).map(({ service }) => service)
  const linked = shown.map((service) => serviceLine(view, service, rules, true))
  // Links are long: if they would push services out of the message, the names stay and the links go.
  const fits = linked.join('\n').length < ROOM_FOR_SERVICES
  return atMost(head, fits ? linked : shown.map((service) => serviceLine(view, service, rules, false)), services)
}

const ROOM_FOR_SERVICES = SECTION_MOST - 150

/** As many lines as there is room for; the rest of the services are counted. */
function atMost(head: string, lines: readonly string[], services: number): string {
  let [words, shown] = [head, 0]
  for (const line of lines) {
    if (words.length + line.length + 1 > ROOM_FOR_SERVICES + 100) break
    words += `\n${line}`
    shown++
  }
  return shown === services ? words : `${words}\nand ${plural(services - shown, 'more service')}`
}

function firingWords(firing: number, total: number, deleted: number): string {
  if (firing === 0 && deleted > 0)
    return total === 1 ? 'The alarm was deleted' : `No alarm fires: ${deleted} of ${total} deleted`
  if (firing === 0) return total === 1 ? 'The alarm recovered' : `All ${total} alarms recovered`
  if (total === 1) return '1 alarm fires'
  return `${firing} of ${total} alarms ${firing === 1 ? 'fires' : 'fire'}`
}

function serviceLine({ incident, alarms }: View, service: string, rules: Rules, linked: boolean): string {
  const all = tallies(incident, service)
  const parts = all.slice(0, ALARMS_PER_SERVICE).map(([signal, tally]) => {
    const lead = alarms.get(tally.lead)
    const what = lead ? alarmWords(lead, linked) : signal
    const more = tally.total > 1 ? ` (${tally.firing} of ${tally.total} fire)` : ''
    return `${what}${more}`
  })
  const hidden = all.length - parts.length
  const title = flat(rules.titleOf(service)) || 'unnamed'
  return `• *${safe(cut(title, 80))}*: ${parts.join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`
}

function alarmWords(alarm: Alarm, linked: boolean): string {
  const name = cut(flat(alarm.metric ?? alarm.name) || 'unnamed', 60)
  const firing = isFiring(alarm.changes)
  const numbers = firing ? compare(alarm) : amount(alarm)
  const url = linked ? alarmUrl(alarm) : undefined
  const words = [url === undefined ? safe(name) : link(url, name), ...(numbers === undefined ? [] : [safe(numbers)])]
  return `${firing ? '' : isDeleted(alarm.changes) ? '⌫ ' : '✓ '}${words.join(' ')}`
}
