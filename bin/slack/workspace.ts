// Slack as the setup needs it: is the token valid, what may it do, where is the channel?
import { LogLevel, WebClient } from '@slack/web-api'
import { UserError } from '../load-config.ts'

export interface WhoWeAre {
  team: string
  /** Like https://studio.slack.com/ */
  url: string
  user: string
  /** Unset where Slack did not say. */
  scopes: string[] | undefined
}

export interface Channel {
  id: string
  name: string
  isMember: boolean
  isPrivate: boolean
  isArchived: boolean
}

export interface Workspace {
  whoAmI(): Promise<WhoWeAre>
  /** By id or name. Undefined if there is none, or if it is private and Tocsin is not in it. */
  channel(idOrName: string): Promise<Channel | undefined>
  join(channelId: string): Promise<void>
}

const CHANNELS_A_PAGE = 1000

export function workspaceOf(token: string, apiUrl: string | undefined): Workspace {
  const client = new WebClient(token, {
    retryConfig: { retries: 2 },
    timeout: 10_000,
    logLevel: LogLevel.ERROR,
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
  })
  return {
    whoAmI: () =>
      explained(async () => {
        const { team = '', url = '', user = '', response_metadata } = await client.auth.test()
        return { team, url, user, scopes: response_metadata?.scopes }
      }),
    channel: (idOrName) => explained(() => find(client, idOrName.replace(/^#/, ''))),
    join: (channel) => explained(async () => void (await client.conversations.join({ channel }))),
  }
}

async function find(client: WebClient, wanted: string): Promise<Channel | undefined> {
  if (/^[CG][A-Z0-9]{4,}$/.test(wanted)) {
    try {
      return channelOf((await client.conversations.info({ channel: wanted })).channel ?? {})
    } catch (error) {
      if (nameOf(error) === 'channel_not_found') return undefined
      throw error
    }
  }
  let cursor: string | undefined
  do {
    const page = await client.conversations.list({
      types: 'public_channel,private_channel',
      limit: CHANNELS_A_PAGE,
      ...(cursor && { cursor }),
    })
    const found = page.channels?.find(({ name }) => name === wanted)
    if (found) return channelOf(found)
    cursor = page.response_metadata?.next_cursor
  } while (cursor)
  return undefined
}

const channelOf = (found: {
  id?: string
  name?: string
  is_member?: boolean
  is_private?: boolean
  is_archived?: boolean
}): Channel => ({
  id: found.id ?? '',
  name: found.name ?? '',
  isMember: found.is_member ?? false,
  isPrivate: found.is_private ?? false,
  isArchived: found.is_archived ?? false,
})

const nameOf = (error: unknown): string | undefined => (error as { data?: { error?: string } }).data?.error

const NOT_VALID =
  'the bot token is not valid: copy it again from OAuth & Permissions of your app, and run tocsin slack connect'
const WHAT_TO_DO: Record<string, string> = {
  invalid_auth: NOT_VALID,
  not_authed: NOT_VALID,
  token_revoked: NOT_VALID,
  token_expired: NOT_VALID,
  account_inactive: 'the app was removed from the workspace: install it again, and run tocsin slack connect',
  missing_scope: 'the token lacks a scope: update the app from tocsin slack-manifest and install it again',
  ratelimited: 'Slack asks to slow down: try again in a minute',
}

/** Slack's errors as sentences. */
async function explained<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const name = nameOf(error)
    if (name !== undefined) throw new UserError(WHAT_TO_DO[name] ?? `Slack refused it: ${name}`)
    const { code, message } = error as { code?: string; message: string }
    if (code?.startsWith('slack_webapi')) throw new UserError(`Slack cannot be reached: ${message}`)
    throw error
  }
}
