// Quiet for a while: nobody is called until it is over, or a new service joins.
import { isActive } from '../../incident/incident.ts'
import { clock } from '../../words/words.ts'
import type { IncidentAction } from '../action.ts'
import { nextMorning } from '../morning.ts'
import { isOver } from '../refusals.ts'

const CHOICES = { '15m': '15 minutes', '1h': '1 hour', '4h': '4 hours', morning: 'until morning' } as const

const SNOOZE_MS = { '15m': 900_000, '1h': 3_600_000, '4h': 14_400_000 }

function untilOf(choice: string, now: number, zone: string): number | undefined {
  if (choice === 'morning') return nextMorning(now, zone)
  return Object.hasOwn(SNOOZE_MS, choice) ? now + SNOOZE_MS[choice as keyof typeof SNOOZE_MS] : undefined
}

export const snooze: IncidentAction = {
  on: 'incident',
  label: 'Snooze',
  may: 'everybody',
  shown: (incident) => isActive(incident) && incident.status !== 'snoozed',
  choices: CHOICES,
  act(draft, incident, { who, choice = '' }) {
    const { now, rules } = draft
    const { id, status, snoozed } = incident
    const zone = rules.config.timeZone
    const until = untilOf(choice, now, zone)
    if (until === undefined) return `Snooze for how long? One of ${Object.keys(CHOICES).join(', ')}.`
    if (status === 'snoozed' && snoozed && snoozed.by.id !== who.id)
      return `${snoozed.by.name} has snoozed ${id} until ${clock(snoozed.until, zone)} already.`
    if (snoozed && Math.abs(snoozed.until - until) < 60_000)
      return `You have snoozed ${id} until ${clock(until, zone)} already.`
    if (!draft.move(id, 'snooze', now)) return isOver(incident, rules)
    const edited = draft.edit(id)
    edited.snoozed = { by: who, at: now, until }
    delete edited.heldUntil
    draft.note(id, { at: now, kind: 'snoozed', text: `Snoozed by ${who.name} until ${clock(until, zone)}`, who })
    return undefined
  },
}
