// What helps whoever looks: the description that a team wrote for its alarm, and links to the metric, the logs and whatever the config names.
import { isFiring, type Alarm } from '../../incident/alarm.ts'
import type { Rules } from '../../services/rules.ts'
import { cutAtWord } from '../../words/words.ts'
import { leadsOf, type View } from './alarms-text.ts'
import { context, SECTION_MOST, type Block } from './blocks.ts'
import { logsUrl, metricUrl } from './console.ts'
import { link, withLinks } from './mrkdwn.ts'

/** A few rows on a phone. */
const DESCRIPTION_MOST = 240

/** Of the alarm that is shown first, and of its service. */
export function contextBlocks(view: View, rules: Rules): Block[] {
  const service = view.causes[0]?.service
  if (service === undefined) return []
  const leads = leadsOf(view.incident, service).flatMap((key) => view.alarms.get(key) ?? [])
  const alarm = leads.find(({ changes }) => isFiring(changes)) ?? leads[0]
  const described = alarm?.description === undefined ? [] : [withLinks(cutAtWord(alarm.description, DESCRIPTION_MOST))]
  const links = fitting(linksOf(service, alarm, rules), SECTION_MOST - described.join().length - 1)
  const lines = [...described, ...(links === '' ? [] : [links])]
  return lines.length > 0 ? [context(lines.join('\n'))] : []
}

/** As many as there is room for: half a link is none. */
function fitting(links: readonly string[], most: number): string {
  let words = ''
  for (const one of links) {
    const next = words === '' ? one : `${words} · ${one}`
    if (next.length <= most) words = next
  }
  return words
}

function linksOf(service: string, alarm: Alarm | undefined, rules: Rules): string[] {
  const known: [label: string, url: string | undefined][] = alarm
    ? [
        ['Metric', metricUrl(alarm)],
        ['Logs', logsUrl(alarm)],
      ]
    : []
  return [...known, ...Object.entries(rules.service(service).links ?? {})].flatMap(([label, url]) =>
    url === undefined ? [] : link(url, label),
  )
}
