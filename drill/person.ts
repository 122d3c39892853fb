// The person in a drill: sees a proposal in Slack, and clicks Approve some time later.
import type { Config } from '../lambda/core/services/config.ts'
import type { Person } from '../lambda/core/incident/person.ts'
import { approversOf, teamOf } from '../lambda/core/services/teams.ts'
import { readBoard } from '../lambda/store/board.ts'
import type { World } from '../replay/world.ts'

/** Where a runbook needs two approvals, the second follows this much later. */
const NEXT_AFTER_MS = 10_000

/** Looks at the board; called every second. */
export function clicker(played: World, config: Config, approveAfterSeconds: number): () => Promise<void> {
  const known = new Set<string>()
  return async () => {
    for (const incident of Object.values((await readBoard(played.runtime.table)).incidents))
      for (const run of incident.runs ?? []) {
        if (run.status !== 'proposed' || run.proposedAt === undefined) continue
        const proposal = `${run.id} ${run.proposedAt}`
        if (known.has(proposal)) continue
        known.add(proposal)
        const people = peopleOf(run.service, config)
        for (let n = 0; n < run.needed; n++) {
          const at = run.proposedAt + approveAfterSeconds * 1000 + n * NEXT_AFTER_MS
          const click = { do: 'approve' as const, incident: incident.id, choice: run.id }
          played.clock.at(at, async () => void (await played.click(click, people[n % people.length]!)))
        }
      }
  }
}

/** Approvers who are named; if none is, members of a group, or anybody. */
function peopleOf(service: string, config: Config): Person[] {
  const named = approversOf(teamOf(service, config), config).ids.filter((id) => id.startsWith('U'))
  const ids = [...named, 'UANA', 'UBEN', 'UCLEO', 'UDANA', 'UEMIL'].slice(0, Math.max(5, named.length))
  return ids.map((id) => ({ id, name: nameOf(id) }))
}

/** `UANA` → Ana. */
const nameOf = (id: string): string =>
  /^U0?[A-Z]{3,5}$/.test(id) ? id.replace(/^U0?/, '').replace(/\B\w+/, (rest) => rest.toLowerCase()) : id
