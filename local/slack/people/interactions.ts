/** What people do: press, choose, submit and close. Each is sent to the app, and its answer is obeyed. */
import { viewProblems } from '../checks/blocks.ts'
import { deliver } from './deliver.ts'
import { actionOf, placeInMessage, placeInView, viewOf } from './places.ts'
import type { Act } from './places.ts'
import { findElement, formErrors, stateOf } from './state.ts'
import type { Tickets } from './tickets.ts'
import type { SlackOptions, StateValues, View } from '../types.ts'
import { closeViews, keepState, pushView, updateView } from '../views.ts'
import { APP_ID, TEAM } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'

export interface Submit {
  userId: string
  viewId: string
  values: StateValues
}

export interface Outcome {
  ok: boolean
  /** One sentence, as Slack shows it. */
  error?: string
  /** By block id, as shown under a modal's fields. */
  errors?: Record<string, string>
}

/** What Slack shows in a modal whose app failed. */
const TROUBLE = 'We had some trouble connecting. Try again?'

export interface Interactions {
  act: (act: Act) => Promise<Outcome>
  submitView: (submit: Submit) => Promise<Outcome>
  closeView: (close: { userId: string; viewId: string }) => Promise<Outcome>
}

interface Context {
  workspace: Workspace
  tickets: Tickets
  options: Pick<SlackOptions, 'signingSecret' | 'interactivityUrl'>
  /** Where the app reaches this Slack, for response_urls. */
  baseUrl: () => string
}

export function createInteractions(context: Context): Interactions {
  const { workspace, tickets, options } = context
  const send = (payload: unknown) =>
    deliver(options.interactivityUrl(), options.signingSecret, workspace.now(), payload)

  const envelope = (type: string, userId: string) => {
    const name = workspace.person(userId)?.name ?? userId
    return {
      type,
      user: { id: userId, username: name.toLowerCase(), name: name.toLowerCase(), team_id: TEAM.id },
      api_app_id: APP_ID,
      // Deprecated in Slack, and still sent: apps check the signature instead.
      token: 'not-checked',
      team: TEAM,
      enterprise: null,
      is_enterprise_install: false,
      trigger_id: tickets.trigger(userId),
    }
  }

  return {
    async act(act) {
      if (!workspace.person(act.userId)) return { ok: false, error: 'There is no such person.' }
      const place = act.viewId ? placeInView(context, act) : placeInMessage(context, act)
      if (!place) return { ok: false, error: 'This message or modal is no longer there.' }
      const element = findElement(place.blocks, act.blockId, act.actionId)
      if (!element) return { ok: false, error: 'This button is no longer there.' }
      const action = { ...actionOf(element, act), block_id: act.blockId, action_ts: workspace.nextTs() }
      const sent = await send({ ...envelope('block_actions', act.userId), ...place.fields, actions: [action] })
      return sent.ok ? { ok: true } : { ok: false, error: sent.error }
    },

    async submitView({ userId, viewId, values }) {
      const view = viewOf(workspace, userId, viewId)
      if (!view) return { ok: false, error: 'This modal is no longer open.' }
      const state = stateOf(view.blocks, values)
      const errors = formErrors(view, state)
      if (Object.keys(errors).length > 0) return { ok: false, errors }
      const filled = keepState(workspace, userId, view, state)
      const sent = await send({ ...envelope('view_submission', userId), view: filled, response_urls: [] })
      return sent.ok ? obey(userId, filled, sent.answer) : { ok: false, error: TROUBLE }
    },

    async closeView({ userId, viewId }) {
      const view = viewOf(workspace, userId, viewId)
      if (!view) return { ok: true }
      closeViews(workspace, userId, view, view.clear_on_close)
      if (view.notify_on_close)
        await send({ ...envelope('view_closed', userId), view, is_cleared: view.clear_on_close })
      return { ok: true }
    },
  }

  /** The answer to a submission: nothing closes the modal, a response_action says more. */
  function obey(userId: string, view: View, answer: Record<string, unknown> | undefined): Outcome {
    const drawn = answer?.view as View | undefined
    const redraws = answer?.response_action === 'update' || answer?.response_action === 'push'
    if (redraws && viewProblems(drawn).length > 0) return { ok: false, error: TROUBLE }
    switch (answer?.response_action) {
      case 'errors':
        return { ok: false, errors: answer.errors as Record<string, string> }
      case 'update':
        updateView(workspace, userId, view, drawn as View)
        return { ok: true }
      case 'push':
        return 'error' in pushView(workspace, userId, drawn as View) ? { ok: false, error: TROUBLE } : { ok: true }
      case 'clear':
        closeViews(workspace, userId, view, true)
        return { ok: true }
      default:
        closeViews(workspace, userId, view, false)
        return { ok: true }
    }
  }
}
