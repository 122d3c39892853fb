// What is open now, for programs.
import { causesOf } from '../../lambda/core/correlate/cause.ts'
import type { Board } from '../../lambda/core/incident/board.ts'
import type { Incident } from '../../lambda/core/incident/incident.ts'
import type { Rules } from '../../lambda/core/services/rules.ts'
import { titleOf } from '../../lambda/core/notify/slack/title.ts'
import { linkTo } from '../slack/link.ts'
import type { Queues } from './queues.ts'

const time = (ms: number): string => new Date(ms).toISOString()

export function asJson(open: Incident[], { unreadable }: Board, queues: Queues, rules: Rules): object {
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
        causes,
        link: linkTo(incident.slack.ts) ?? null,
      }
    }),
    unreadable: unreadable
      ? { count: unreadable.count, since: time(unreadable.since), reason: unreadable.reason }
      : null,
    queues,
  }
}
