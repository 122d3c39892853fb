/** Modals: a stack for each person, the top one visible, at most three deep as in Slack. */
import type { StateValues, View } from './types.ts'
import { APP_ID, BOT_ID, shortId, TEAM, withIds } from './workspace.ts'
import type { Workspace } from './workspace.ts'

export const MOST_VIEWS = 3

type Views = Pick<Workspace, 'views' | 'changed' | 'now'>
type Drawn = Partial<View> & Pick<View, 'title' | 'blocks'>

function toView(workspace: Views, drawn: Drawn, kept?: View): View {
  const id = kept?.id ?? shortId('V')
  return {
    id,
    team_id: TEAM.id,
    type: 'modal',
    title: drawn.title,
    submit: drawn.submit ?? null,
    close: drawn.close ?? null,
    blocks: withIds(drawn.blocks),
    private_metadata: drawn.private_metadata ?? '',
    callback_id: drawn.callback_id ?? '',
    external_id: drawn.external_id ?? '',
    clear_on_close: drawn.clear_on_close ?? false,
    notify_on_close: drawn.notify_on_close ?? false,
    hash: `${Math.floor(workspace.now() / 1000)}.${shortId('')}`,
    root_view_id: kept?.root_view_id ?? id,
    previous_view_id: kept?.previous_view_id ?? null,
    app_id: APP_ID,
    bot_id: BOT_ID,
    state: { values: kept?.state.values ?? {} },
  }
}

const setStack = (workspace: Views, userId: string, stack: View[]) => {
  if (stack.length > 0) workspace.views.set(userId, stack)
  else workspace.views.delete(userId)
  workspace.changed()
}

export function openView(workspace: Views, userId: string, drawn: Drawn): View {
  const view = toView(workspace, drawn)
  setStack(workspace, userId, [view])
  return view
}

export function pushView(workspace: Views, userId: string, drawn: Drawn): View | { error: string } {
  const stack = workspace.views.get(userId) ?? []
  if (stack.length >= MOST_VIEWS) return { error: 'push_limit_reached' }
  const view = toView(workspace, drawn)
  const below = stack.at(-1)
  const pushed = below ? { ...view, root_view_id: below.root_view_id, previous_view_id: below.id } : view
  setStack(workspace, userId, [...stack, pushed])
  return pushed
}

export function findView(workspace: Views, match: (view: View) => boolean): { userId: string; view: View } | undefined {
  for (const [userId, stack] of workspace.views) {
    const view = stack.find(match)
    if (view) return { userId, view }
  }
  return undefined
}

export function updateView(workspace: Views, userId: string, view: View, drawn: Drawn): View {
  const next = toView(workspace, drawn, view)
  const stack = workspace.views.get(userId) ?? []
  setStack(
    workspace,
    userId,
    stack.map((other) => (other.id === view.id ? next : other)),
  )
  return next
}

export function keepState(workspace: Views, userId: string, view: View, values: StateValues): View {
  const kept = { ...view, state: { values } }
  const stack = workspace.views.get(userId) ?? []
  // Nothing visible has changed, so the page is not told.
  workspace.views.set(
    userId,
    stack.map((other) => (other.id === view.id ? kept : other)),
  )
  return kept
}

/** Closes this modal, or with `all` the whole stack. */
export function closeViews(workspace: Views, userId: string, view: View, all: boolean): void {
  const stack = workspace.views.get(userId) ?? []
  setStack(workspace, userId, all ? [] : stack.filter((other) => other.id !== view.id))
}
