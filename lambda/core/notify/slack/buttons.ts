// The buttons of a message: the actions that the table allows right now.
import { isActive, type Incident } from '../../incident/incident.ts'
import type { Run } from '../../incident/run.ts'
import type { Action, Question, Standing } from '../../respond/action.ts'
import { ACTIONS } from '../../respond/actions/index.ts'
import { open } from '../../respond/actions/open.ts'
import type { Block } from './blocks.ts'

type Element = Record<string, unknown>

const ALL: readonly [id: string, action: Action][] = Object.entries(ACTIONS)

export const incidentButtons = (incident: Incident): Block[] => buttonsOf(incident, ALL)

export const acknowledgeButton = (incident: Incident): Block[] =>
  buttonsOf(incident, [['acknowledge', ACTIONS.acknowledge]])

/** Beside the line of an incident in a digest. */
export const openButton = (): Element => button('open', open.label, {})

function buttonsOf(incident: Incident, actions: typeof ALL): Block[] {
  const elements = actions.flatMap(([id, action]) => {
    if (action.on !== 'incident' || !action.shown(incident)) return []
    if (action.choices) return [menu(id, action.label, action.choices)]
    return [button(id, action.label, { ...styleOf(action), ...asking(action.confirm?.(incident)) })]
  })
  return block(`incident:${incident.id}`, elements)
}

export function runButtons(incident: Incident, run: Run, standing: Standing): Block[] {
  if (!isActive(incident)) return []
  const elements = ALL.flatMap(([id, action]) => {
    if (action.on === 'incident' || !action.shown(run, standing)) return []
    if (action.on === 'run' && action.each)
      // Slack: an id of its own for each element of a block.
      return action
        .each(run)
        .map(({ id: one, label, question }) =>
          button(`${id}:${one}`, label, { value: `${run.id} ${one}`, ...asking(question) }),
        )
    const label = action.on === 'run' ? action.label(run) : action.label
    const question = action.on === 'run' ? action.confirm?.(run) : action.confirm
    return [button(id, label, { value: run.id, ...styleOf(action), ...asking(question) })]
  })
  return block(`run:${incident.id}:${run.id}`, elements)
}

const block = (id: string, elements: Element[]): Block[] =>
  elements.length > 0 ? [{ type: 'actions', block_id: id, elements }] : []

const styleOf = ({ style }: Action): Element => (style ? { style } : {})

const plain = (text: string): Element => ({ type: 'plain_text', text })

const button = (action: string, label: string, more: Element): Element => ({
  type: 'button',
  action_id: action,
  text: plain(label),
  ...more,
})

const menu = (action: string, label: string, choices: Readonly<Record<string, string>>): Element => ({
  type: 'static_select',
  action_id: action,
  placeholder: plain(label),
  options: Object.entries(choices).map(([value, words]) => ({ text: plain(words), value })),
})

const asking = (question: Question | undefined): Element => (question ? { confirm: confirmation(question) } : {})

const confirmation = ({ title, text, yes, no }: Question): Element => ({
  title: plain(title),
  text: plain(text),
  confirm: plain(yes),
  deny: plain(no),
})
