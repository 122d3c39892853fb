// Who is called, step by step, while nobody acknowledges.
import type { Clock } from '../due/clock.ts'
import type { Config, Step } from '../services/config.ts'
import { testAlarmIn } from '../facts/test-alarm.ts'
import { approversOf, stepsOf } from '../services/teams.ts'
import type { Incident } from '../incident/incident.ts'
import { approversOfLeft, isMitigated } from '../incident/mitigated.ts'
import { callFor } from '../notify/digest.ts'
import { duration, people } from '../words/words.ts'

export const escalation: Clock = (incident, { rules }) => {
  const { id, status, waitingSince, services } = incident
  // Once it was relieved, whoever approved is reminded instead; an alarm that fires again begins anew.
  const step = status === 'open' && incident.mitigated === undefined ? nextStep(incident, rules.config) : undefined
  if (!step) return []
  const at = waitingSince + step.afterSeconds * 1000
  return [
    {
      at,
      act(draft) {
        draft.edit(id).escalated += 1
        const waited = duration(step.afterSeconds * 1000)
        const test = Object.keys(services).some(testAlarmIn) ? 'TEST: ' : ''
        const text = `${test}Nobody has acknowledged it for ${waited}: telling ${people(step.notify)}`
        draft.note(id, { at, kind: 'escalated', text })
        callFor(draft, id, {
          step: incident.escalated + 1,
          whom: step.notify,
          waited: step.afterSeconds * 1000,
          since: waitingSince,
        })
      },
    },
  ]
}

/** Undefined if nobody is left to call. A test calls nobody, unless that is what it is for. */
export function nextStep({ services, escalated, team }: Incident, config: Config): Step | undefined {
  const step = stepsOf(team, config)[escalated]
  if (!step) return undefined
  for (const service in services) if (testAlarmIn(service)?.calls !== false) return step
  return undefined
}

/** Who is called at home: whoever approved what has left something to do; else whoever acknowledged it, and the escalation step that was reached, else who is on call. */
export function peopleFor(incident: Incident, config: Config): string[] {
  const { escalated, acknowledged, team } = incident
  const whoApproved = isMitigated(incident) ? approversOfLeft(incident) : []
  if (whoApproved.length > 0) return [...new Set([...whoApproved, ...(acknowledged ? [acknowledged.by.id] : [])])]
  const step = stepsOf(team, config)[escalated - 1]
  return [...new Set([...(acknowledged ? [acknowledged.by.id] : []), ...(step?.notify ?? onCallOf(team, config))])]
}

/** Who is called first: the first step of the escalation, else the approvers. */
export const onCallOf = (team: string | undefined, config: Config): readonly string[] =>
  stepsOf(team, config)[0]?.notify ?? approversOf(team, config).ids
