// What is open now, for programs.
import { causesOf } from '../../lambda/core/correlate/cause.ts'
import { ignoringWords } from '../../lambda/core/services/ignored.ts'
import type { Rules } from '../../lambda/core/services/rules.ts'
import { titleOf } from '../../lambda/core/notify/slack/title.ts'
import type { Now } from './text.ts'

const time = (ms: number): string => new Date(ms).toISOString()

export function asJson({ open, links, board: { unreadable }, queues }: Now, rules: Rules): object {
  return {
    incidents: open.map((incident) => {
      const causes = causesOf(incident, rules)
      return {
        id: incident.id,
        title: titleOf(incident, causes, rules),
        status: incident.status,
        severity: incident.severity,
        openedAt: time(incident.openedAt),
        acknowledgedBy: incident.acknowledged?.by.name ?? null,
        snoozedUntil: incident.snoozed ? time(incident.snoozed.until) : null,
        firing: incident.firing,
        services: Object.keys(incident.services),
        team: incident.team ?? null,
        causes,
        link: links.get(incident.id) ?? null,
      }
    }),
    unreadable: unreadable
      ? { count: unreadable.count, since: time(unreadable.since), reason: unreadable.reason }
      : null,
    ignores: ignoringWords(rules.config),
    queues,
  }
}
