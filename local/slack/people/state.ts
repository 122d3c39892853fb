/** What is filled in: finds an element by its ids, and reads and checks the values of a message's or a modal's fields. */
import type { Block, Element, Option, StateValue, StateValues, View } from '../types.ts'

/** The interactive elements of a block. */
export function elementsOf(block: Block): Element[] {
  const held = [
    ...((block.elements as Element[] | undefined) ?? []),
    block.element as Element,
    block.accessory as Element,
  ]
  return held.filter((element) => element?.action_id !== undefined)
}

export const findElement = (blocks: Block[], blockId: string, actionId: string): Element | undefined =>
  blocks
    .filter((block) => block.block_id === blockId)
    .flatMap(elementsOf)
    .find((element) => element.action_id === actionId)

/** The value an element starts with; undefined for what has no value, such as a button. */
function startOf(element: Element): StateValue | undefined {
  switch (element.type) {
    case 'static_select':
    case 'radio_buttons':
      return { type: element.type, selected_option: (element.initial_option as Option | undefined) ?? null }
    case 'checkboxes':
    case 'multi_static_select':
      return { type: element.type, selected_options: (element.initial_options as Option[] | undefined) ?? [] }
    case 'button':
    case 'overflow':
    case 'image':
      return undefined
    default:
      return { type: element.type, value: (element.initial_value as string | undefined) ?? null }
  }
}

/** The state Slack sends: every field with what is chosen now, or what it started with. */
export function stateOf(blocks: Block[], chosen: StateValues = {}): StateValues {
  const state: StateValues = {}
  for (const block of blocks) {
    for (const element of elementsOf(block)) {
      const value = chosen[block.block_id ?? '']?.[element.action_id ?? ''] ?? startOf(element)
      if (value) state[block.block_id ?? ''] = { ...state[block.block_id ?? ''], [element.action_id ?? '']: value }
    }
  }
  return state
}

const isEmpty = (value: StateValue | undefined) =>
  !value || (!value.value && !value.selected_option && !value.selected_options?.length)

/** What Slack itself says about a form before the app sees it, by block id. */
export function formErrors(view: View, values: StateValues): Record<string, string> {
  const errors: Record<string, string> = {}
  for (const block of view.blocks) {
    if (block.type !== 'input' || !block.block_id) continue
    const element = block.element as Element
    const value = values[block.block_id]?.[element.action_id ?? '']
    const length = value?.value?.length ?? 0
    if (isEmpty(value)) {
      if (block.optional !== true) errors[block.block_id] = 'Please complete this required field.'
    } else if (typeof element.max_length === 'number' && length > element.max_length) {
      errors[block.block_id] = `Please use at most ${element.max_length} characters.`
    } else if (typeof element.min_length === 'number' && length < element.min_length) {
      errors[block.block_id] = `Please use at least ${element.min_length} characters.`
    }
  }
  return errors
}
