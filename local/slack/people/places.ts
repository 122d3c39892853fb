/** Where a person acts: the message or modal that holds the element, as the interaction's payload describes it. */
import { toApi } from '../methods/answers.ts'
import { stateOf } from './state.ts'
import type { Tickets } from './tickets.ts'
import type { Block, Element, Option, View } from '../types.ts'
import { findView } from '../views.ts'
import type { Workspace } from '../workspace.ts'

export interface Act {
  userId: string
  /** The message, or the modal, that holds the element. */
  channel?: string
  ts?: string
  viewId?: string
  blockId: string
  actionId: string
  /** @default the button's own value */
  value?: string
  selectedOption?: Option
  selectedOptions?: Option[]
}

interface Context {
  workspace: Workspace
  tickets: Tickets
  /** Where the app reaches this Slack, for response_urls. */
  baseUrl: () => string
}

export type Place = { blocks: Block[]; fields: Record<string, unknown> }

/** The modal, if it is open for this person. */
export function viewOf(workspace: Workspace, userId: string, viewId: string | undefined): View | undefined {
  const found = findView(workspace, ({ id }) => id === viewId)
  return found?.userId === userId ? found.view : undefined
}

export function placeInMessage(context: Context, act: Act): Place | undefined {
  const { workspace, tickets } = context
  const { userId, channel: channelId = '', ts = '' } = act
  const channel = workspace.channel(channelId)
  const message = channel && workspace.find(channel.id, ts)
  if (!channel || !message || (message.visibleTo && message.visibleTo !== userId)) return undefined
  const blocks = message.blocks ?? []
  return {
    blocks,
    fields: {
      container: {
        type: 'message',
        message_ts: ts,
        channel_id: channel.id,
        is_ephemeral: message.visibleTo !== undefined,
        ...(message.thread_ts && { thread_ts: message.thread_ts }),
      },
      channel,
      ...(!message.visibleTo && { message: toApi(message, workspace.messages(channel.id), true) }),
      state: { values: stateOf(blocks) },
      response_url: context.baseUrl() + tickets.responsePath({ userId, channel: channel.id, ts }),
    },
  }
}

export function placeInView({ workspace }: Context, { userId, viewId }: Act): Place | undefined {
  const view = viewOf(workspace, userId, viewId)
  return view && { blocks: view.blocks, fields: { container: { type: 'view', view_id: viewId }, view } }
}

/** An action as Slack reports it: what the element is, and what was chosen in it. */
export function actionOf(element: Element, act: Act): Record<string, unknown> {
  const { type, action_id, text, placeholder } = element
  const value = act.value ?? element.value
  return {
    type,
    action_id,
    ...(text !== undefined && { text }),
    ...(placeholder !== undefined && { placeholder }),
    ...(value !== undefined && { value }),
    ...(act.selectedOption && { selected_option: act.selectedOption }),
    ...(act.selectedOptions && { selected_options: act.selectedOptions }),
  }
}
