// The story's seconds, from the first alarm to the end, next to the report's.
import { check, type Step } from '../support/steps.ts'
import { SERVICE } from './backing-up.ts'
import { incidentOf, type World } from './world.ts'

/** docs/incidents.md: between the first disk alarm and the purge of the queue. */
const REPORT_MINUTES = 141

export const moments: Step<World>[] = [
  {
    does: 'the story in seconds since the first alarm',
    async run(world) {
      const { id, openedAt, runs = [], mitigated, resolved } = await incidentOf(world, SERVICE)
      const run = runs[0]!
      const told: [string, number | undefined][] = [
        ['publishers are blocked', world.blockedAt],
        ['first alarm', openedAt],
        ['the message is in Slack', Number(world.messages[id]) * 1000],
        ['proposed, with its dry run', run.proposedAt],
        ['approved', run.approvedAt],
        ['acted', run.actedAt],
        ['healthy, verified', run.endedAt],
        ['mitigated: something is left to do', mitigated?.at],
        ['resolved', resolved?.at],
      ]
      const rows = told.map(([what, at]) => {
        check(at !== undefined, `nobody knows when: ${what}`)
        return `${((at - openedAt) / 1000).toFixed(1).padStart(7)} s  ${what}`
      })
      const minutes = ((run.actedAt! - openedAt) / 60_000).toFixed(1)
      return [
        ...rows,
        `From the first alarm to the empty queue: ${minutes} minutes; in the report it took ${REPORT_MINUTES}.`,
      ].join('\n')
    },
  },
]
