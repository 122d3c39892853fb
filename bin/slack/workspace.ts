// Slack as the setup needs it: is the token valid, what may it do, where is the channel?
import { LogLevel, WebClient } from '@slack/web-api'
import { isChannelId } from '../../lambda/core/words/words.ts'
import type { Installation } from '../../lambda/core/respond/interaction.ts'
import { UserError } from '../load-config.ts'

export interface WhoWeAre {
  team: string
  /** Like https://studio.slack.com/ */
  url: string
  user: string
  /** By its ids. What Slack did not say is unset. */
  installation: Installation
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
  /** By id or name, in the same order. Undefined if there is none, or if it is private and Tocsin is not in it. */
  channels(wanted: readonly string[]): Promise<(Channel | undefined)[]>
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
        const {
          team = '',
          url = '',
          user = '',
          team_id,
          enterprise_id,
          bot_id,
          response_metadata,
        } = await client.auth.test()
        const app = bot_id === undefined ? undefined : await appOf(client, bot_id)
        const installation = {
          ...(team_id && { team: team_id }),
          ...(enterprise_id && { enterprise: enterprise_id }),
          ...(app !== undefined && { app }),
        }
        return { team, url, user, installation, scopes: response_metadata?.scopes }
      }),
    channels: (wanted) => explained(() => findAll(client, wanted)),
    join: (channel) => explained(async () => void (await client.conversations.join({ channel }))),
  }
}

/** Undefined if the token may not ask. */
async function appOf(client: WebClient, bot: string): Promise<string | undefined> {
  try {
    return (await client.bots.info({ bot })).bot?.app_id
  } catch (error) {
    if (nameOf(error) === undefined) throw error
    return undefined
  }
}

async function findAll(client: WebClient, wanted: readonly string[]): Promise<(Channel | undefined)[]> {
  const names = wanted.map((one) => one.replace(/^#/, ''))
  const found = new Map<string, Channel>()
  for (const id of names.filter(isChannelId)) {
    try {
      found.set(id, channelOf((await client.conversations.info({ channel: id })).channel ?? {}))
    } catch (error) {
      if (nameOf(error) !== 'channel_not_found') throw error
    }
  }
  const missing = new Set(names.filter((name) => !isChannelId(name)))
  let cursor: string | undefined
  while (missing.size > 0 && cursor !== '') {
    const page = await client.conversations.list({
      types: 'public_channel,private_channel',
      limit: CHANNELS_A_PAGE,
      ...(cursor && { cursor }),
    })
    for (const channel of page.channels ?? []) {
      const { name } = channel
      if (name !== undefined && missing.delete(name)) found.set(name, channelOf(channel))
    }
    cursor = page.response_metadata?.next_cursor ?? ''
  }
  return names.map((name) => found.get(name))
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
