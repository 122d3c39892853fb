// Does one of the things that a run has left to do.
import { flat } from '../../notify/slack/mrkdwn.ts'
import { orderDoing } from '../../remediate/left.ts'
import { cut } from '../../words/words.ts'
import type { RunAction } from '../action.ts'

/** As long as an execution may last. */
const LONGEST_SECONDS = 86_400

export const doLeft: RunAction = {
  on: 'run',
  label: () => 'Do it',
  may: 'approvers',
  shown: ({ left }) => left !== undefined && left.doing === undefined,
  each: ({ left }) =>
    (left?.items ?? []).flatMap(({ id, offer }) =>
      offer
        ? [
            {
              id,
              label: cut(offer.label, 70),
              question: {
                title: cut(`${offer.label}?`, 100),
                text: cut(flat(offer.question), 300),
                yes: 'Do it',
                no: 'Not now',
              },
            },
          ]
        : [],
    ),
  act(draft, found, { who, choice }) {
    const id = choice?.slice(found.run.id.length + 1) ?? ''
    const why = orderDoing(draft, found, { id, by: who, withinSeconds: LONGEST_SECONDS })
    if (why !== undefined) return why
    const label = found.run.left!.items.find((item) => item.id === id)?.offer?.label ?? id
    draft.note(found.incident.id, {
      at: draft.now,
      kind: 'left',
      text: `${label}: asked for by ${who.name}`,
      who,
      run: found.run.id,
    })
    return undefined
  },
}
