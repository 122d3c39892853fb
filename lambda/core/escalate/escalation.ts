// Who is called, step by step, while nobody acknowledges.
import type { Config } from '../services/config.ts'
import type { Incident } from '../incident/incident.ts'

/** Who is called: the step of the escalation that was reached; before that whoever is on it, the first step, or the approvers. */
export function peopleFor({ escalated, acknowledged }: Incident, { escalation, slack }: Config): string[] {
  const step = escalation[escalated - 1] ?? escalation[0]
  return [...new Set([...(acknowledged ? [acknowledged.by.id] : []), ...(step?.notify ?? slack.approvers)])]
}
