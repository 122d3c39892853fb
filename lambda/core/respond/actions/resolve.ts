// It is over, whatever still fires.
import { isActive } from '../../incident/incident.ts'
import { leftWords } from '../../incident/mitigated.ts'
import { flat } from '../../notify/slack/mrkdwn.ts'
import { cut, plural } from '../../words/words.ts'
import type { IncidentAction } from '../action.ts'
import { isOver } from '../refusals.ts'

export const resolve: IncidentAction = {
  on: 'incident',
  label: 'Resolve',
  may: 'everybody',
  shown: isActive,
  confirm(incident) {
    const { firing } = incident
    const left = leftWords(incident)
    const said = [
      firing > 0 &&
        `${plural(firing, 'alarm')} still ${firing === 1 ? 'fires' : 'fire'}: nothing is heard of ${firing === 1 ? 'it' : 'them'} until ${firing === 1 ? 'it changes' : 'they change'}.`,
      left !== '' && `Left to do, and nobody is reminded of it any more: ${left}.`,
    ].filter((one) => one !== false)
    if (said.length === 0) return undefined
    return { title: 'Resolve it?', text: cut(flat(said.join(' ')), 300), yes: 'Resolve', no: 'Not now' }
  },
  act(draft, incident, { who }) {
    const { id, firing } = incident
    if (!draft.move(id, 'resolve', draft.now)) return isOver(incident, draft.rules)
    const edited = draft.edit(id)
    edited.resolved = { by: who, at: draft.now }
    delete edited.snoozed
    delete edited.heldUntil
    const left = leftWords(incident)
    const isLeft = left === '' ? '' : `. Left to do: ${left}`
    const stillFires = firing === 0 ? '' : ` while ${plural(firing, 'alarm')} ${firing === 1 ? 'fires' : 'fire'}`
    draft.note(id, { at: draft.now, kind: 'resolved', text: `Resolved by ${who.name}${stillFires}${isLeft}`, who })
    return undefined
  },
}
