// One call of the Web API, with what it may need.
import type { Tickets } from '../people/tickets.ts'
import type { Workspace } from '../workspace.ts'

export interface Call {
  workspace: Workspace
  tickets: Tickets
  args: Record<string, unknown>
}
