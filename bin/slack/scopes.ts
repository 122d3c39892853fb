// What the app must be allowed to do in Slack, and why: each scope belongs to a method that is really called.
// https://docs.slack.dev/reference/scopes

export const SCOPES = {
  'chat:write': 'post the message of an incident, edit it, reply in its thread',
  'channels:read': 'find channels by name, and see whether Tocsin is in them',
  'groups:read': 'the same for a private channel',
  'channels:join': 'join public channels when you run slack connect',
  'channels:history': 'after a crash, look whether a message was sent already, instead of sending it twice',
  'groups:history': 'the same in a private channel',
  'metadata.message:read': 'know its own messages again by the mark that they carry',
  'users:read':
    'see who is a full member of the workspace, and not a guest: they may approve runbooks where the config names nobody',
  'usergroups:read': 'see who belongs to a user group that may approve runbooks',
} as const

export type Scope = keyof typeof SCOPES

export const SCOPE_NAMES = Object.keys(SCOPES) as Scope[]

/** Scopes that are needed but that the token does not have. */
export const missingScopes = (granted: readonly string[]): Scope[] =>
  SCOPE_NAMES.filter((scope) => !granted.includes(scope))
