// Who is in a Slack user group; asked when a group may decide on a runbook.
import type { Groups } from '../../ports/slack.ts'

/** A click waits for this: Slack allows three seconds for everything. */
const MOST_MS = 1500
const KEPT_MS = 5 * 60_000

export function slackGroups(token: () => Promise<string>, apiUrl?: string): Groups {
  const known = new Map<string, { at: number; users: string[] }>()
  return {
    async has(group, user) {
      const kept = known.get(group)
      if (kept && Date.now() - kept.at < KEPT_MS) return kept.users.includes(user)
      const { slackClient } = await import('./client.ts')
      const client = slackClient({ token: await token(), timeoutMs: MOST_MS, apiUrl })
      const { users = [] } = await client.usergroups.users.list({ usergroup: group })
      known.set(group, { at: Date.now(), users })
      return users.includes(user)
    },
  }
}
