// Who somebody is in Slack; asked when they decide on a runbook.
import { Refused } from '../../ports/tools.ts'
import type { People } from '../../ports/slack.ts'

/** A click waits for this: Slack allows three seconds for everything. */
const MOST_MS = 1500

export function slackPeople(token: () => Promise<string>, apiUrl?: string): People {
  const client = async () => {
    const { slackClient } = await import('./client.ts')
    return slackClient({ token: await token(), timeoutMs: MOST_MS, apiUrl })
  }
  const home = async (): Promise<Home> => (await client()).auth.test()
  const known = async (user: string): Promise<User> => (await (await client()).users.info({ user })).user ?? {}
  return {
    async isIn(group, user) {
      const { users = [] } = await (await client()).usergroups.users.list({ usergroup: group })
      return users.includes(user)
    },
    async isFullMember(user) {
      try {
        const [workspace, who] = await Promise.all([home(), known(user)])
        return isFull(who) && isOf(workspace, who)
      } catch (error) {
        const { data } = error as { data?: { error?: string } }
        if (data?.error === 'user_not_found' || data?.error === 'user_not_visible') return false
        if (data?.error !== 'missing_scope') throw error
        throw new Refused(
          'Slack does not tell Tocsin who is a full member: give the app the scope users:read (npx tocsin slack-manifest) and install it again, or name approvers in the config (slack.approvers)',
        )
      }
    },
  }
}

/** What Slack tells of a user. https://docs.slack.dev/reference/objects/user-object */
interface User {
  team_id?: string
  deleted?: boolean
  is_bot?: boolean
  /** A guest of several channels, or of one. */
  is_restricted?: boolean
  is_ultra_restricted?: boolean
  /** Of another organization. */
  is_stranger?: boolean
  enterprise_user?: { enterprise_id?: string; teams?: string[] }
}

const isFull = ({ deleted, is_bot, is_restricted, is_ultra_restricted, is_stranger }: User): boolean =>
  !(deleted || is_bot || is_restricted || is_ultra_restricted || is_stranger)

/** Where Tocsin is installed. https://docs.slack.dev/reference/methods/auth.test */
interface Home {
  team_id?: string
  enterprise_id?: string
  is_enterprise_install?: boolean
}

/**
 * Somebody of another workspace, in a channel that both share, is no stranger to Slack; in an organization, people belong to several workspaces. Installed
 * in a whole organization, that is home.
 */
function isOf({ team_id: home, enterprise_id: org, is_enterprise_install: isOrg }: Home, user: User): boolean {
  const { team_id, enterprise_user: at } = user
  if (isOrg === true) return org !== undefined && at?.enterprise_id === org
  return home !== undefined && (team_id === home || (at?.teams ?? []).includes(home))
}
