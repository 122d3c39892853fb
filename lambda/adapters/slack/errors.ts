// What each of Slack's errors means for us, and what people can do. The table of docs/slack-errors.md is this one.
// Source: the errors of chat.postMessage, chat.update, conversations.history, .replies, .list and .info. https://docs.slack.dev/reference/methods

/**
 * `wait`: Slack did nothing, and asks to wait. `unsure`: whether Slack did it is not said. `gone`: the message or its thread is no more. `as text`: Slack
 * refuses the blocks. `message`, `channel`, `app`: Slack did nothing, and will not until somebody mends that.
 */
export type Means = 'wait' | 'unsure' | 'gone' | 'as text' | 'message' | 'channel' | 'app'

const TOKEN = 'the bot token is not valid: store a new one in the secret (npx tocsin slack connect)'
const ADMIN = 'a setting of the workspace forbids it: ask its administrators'
const REPORT = 'it is not one of your settings: please report it, with the log of the function Notify'

/** `remedy`: what people can do; unset where nothing has to be done. */
const ROWS: Readonly<Record<string, readonly [means: Means, remedy?: string]>> = {
  rate_limited: ['wait'],
  ratelimited: ['wait'],
  external_channel_migrating: ['unsure'],
  streaming_state_conflict: ['unsure'],

  fatal_error: ['unsure'],
  internal_error: ['unsure'],
  request_timeout: ['unsure'],
  service_unavailable: ['unsure'],
  team_added_to_org: ['unsure'],
  update_failed: ['unsure'],

  cant_update_message: ['gone'],
  edit_window_closed: ['gone'],
  message_not_found: ['gone'],
  thread_not_found: ['gone'],

  invalid_blocks: ['as text', REPORT],
  invalid_blocks_format: ['as text', REPORT],
  msg_blocks_too_long: ['as text', REPORT],

  channel_not_found: [
    'channel',
    'the channel does not exist or Tocsin cannot see it: check it in the config, and invite Tocsin to it',
  ],
  channel_type_not_supported: ['channel', 'it is no channel that messages can be posted to: choose another one'],
  is_archived: ['channel', 'the channel is archived: choose another one in the config'],
  is_inactive: ['channel', 'the channel is frozen, archived or deleted: choose another one in the config'],
  method_not_supported_for_channel_type: ['channel', 'it is no channel that can be read: choose another one'],
  not_in_channel: ['channel', 'Tocsin is not in the channel: invite it with /invite'],
  posting_to_channel_denied: ['channel', 'only some people may post in the channel: let Tocsin, or choose another one'],
  restricted_action: ['channel', 'a setting of the workspace keeps Tocsin from posting there: ask its administrators'],
  restricted_action_read_only_channel: ['channel', 'nobody may post in the channel: choose another one'],
  restricted_action_thread_only_channel: ['channel', 'the channel takes replies only: choose another one'],
  team_not_found: [
    'channel',
    'Tocsin is installed in the whole organization: write the id of the channel (C…) into the config',
  ],

  access_denied: ['app', ADMIN],
  accesslimited: ['app', 'Slack does not take calls from this network: ask its administrators'],
  account_inactive: ['app', 'the bot token belongs to a removed app: install it again and store its token'],
  ekm_access_denied: ['app', 'the administrators have suspended posting'],
  enterprise_is_restricted: ['app', ADMIN],
  invalid_auth: ['app', TOKEN],
  message_limit_exceeded: ['app', 'the workspace has used up what its plan allows: wait, or change the plan'],
  missing_scope: [
    'app',
    'the bot token lacks a scope: install the app again from its manifest (npx tocsin slack-manifest)',
  ],
  no_permission: [
    'app',
    'the app lacks a permission: install it again from its manifest, and invite it to the channel',
  ],
  not_allowed_token_type: ['app', 'the token is no bot token (xoxb-…): store that one in the secret'],
  not_authed: ['app', TOKEN],
  org_login_required: [
    'app',
    'the workspace moves to an organization: wait until it has, and install the app again if need be',
  ],
  team_access_not_granted: ['app', 'the app is not installed in that workspace of the organization: install it there'],
  token_expired: ['app', 'the bot token has expired: store a new one in the secret (npx tocsin slack connect)'],
  token_revoked: ['app', 'the bot token was revoked: store a new one in the secret (npx tocsin slack connect)'],
  two_factor_setup_required: ['app', ADMIN],
  deprecated_endpoint: ['app', 'Slack has changed: deploy a newer version of Tocsin'],
  method_deprecated: ['app', 'Slack has changed: deploy a newer version of Tocsin'],

  cannot_reply_to_message: ['message', REPORT],
  cant_broadcast_message: ['message', REPORT],
  invalid_arg_name: ['message', REPORT],
  invalid_arguments: ['message', REPORT],
  invalid_array_arg: ['message', REPORT],
  invalid_charset: ['message', REPORT],
  invalid_cursor: ['message'],
  invalid_form_data: ['message', REPORT],
  invalid_metadata_format: ['message', REPORT],
  invalid_metadata_schema: ['message', REPORT],
  invalid_post_type: ['message', REPORT],
  invalid_ts_latest: ['message', REPORT],
  invalid_ts_oldest: ['message', REPORT],
  metadata_must_be_sent_from_app: ['message', REPORT],
  metadata_too_large: ['message', REPORT],
  missing_post_type: ['message', REPORT],
  msg_too_long: ['message', REPORT],
  no_text: ['message', REPORT],
  restricted_action_non_threadable_channel: [
    'message',
    'the channel takes no replies, so that calls and history are not told there: choose another one',
  ],
  restricted_action_thread_locked: [
    'message',
    'administrators have locked that thread: nothing more can be told in it',
  ],
}

export const ERRORS: ReadonlyMap<string, { means: Means; remedy?: string }> = new Map(
  Object.entries(ROWS).map(([name, [means, remedy]]) => [name, { means, ...(remedy !== undefined && { remedy }) }]),
)

/** One that Slack's documents do not have is the business of its message; what is no name of an error came from something in between. */
export const meaningOf = (name: string): Means =>
  ERRORS.get(name)?.means ?? (/^[a-z_]+$/.test(name) ? 'message' : 'unsure')
