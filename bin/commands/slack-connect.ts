// `tocsin slack connect`: takes the app's token and signing secret, checks them, stores them, and joins the channels.
import { readSecret, storeSecret, type SlackSecret } from '../aws/secret.ts'
import { deployedStack, output } from '../aws/stack.ts'
import { AWS_HELP, AWS_OPTIONS, parse, SLACK_OPTIONS, slackApiUrl, useAws, type Command } from '../command.ts'
import { DEFAULT_CONFIG, loadConfig, stackNamed, UserError } from '../load-config.ts'
import { readCredentials } from '../slack/credentials.ts'
import { missingScopes } from '../slack/scopes.ts'
import { channelsOf } from '../../lambda/core/services/teams.ts'
import { workspaceOf, type Channel, type WhoWeAre, type Workspace } from '../slack/workspace.ts'
import { agree } from '../terminal/agree.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { WIDTH, wrap } from '../terminal/words.ts'

const HELP = `tocsin slack connect: stores the Slack app's token and signing secret where Tocsin reads them, and joins the channels.

${AWS_HELP}  --config FILE          for slack.channel and the channels of teams; by default ${DEFAULT_CONFIG}
  --channel NAME         this channel instead (those in the config are where messages go)
  --forget-previous      the signing secret before this one is no longer valid: at the end of a rotation
  --slack-api-url URL    another Slack, for tests
  --stdin                read them from stdin: {"botToken": "xoxb-…", "signingSecret": "…"}, or one a line in this order
  --yes                  agree beforehand, in scripts

You find both in your app at https://api.slack.com/apps: the bot token (xoxb-…) under "OAuth & Permissions", the signing secret under "Basic
Information". They are asked for and not shown; scripts give them on stdin or in SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET. Never as an
argument, where the shell would keep them.

The token is checked before anything is stored: is it valid, does it have the scopes? A new signing secret leaves the one before it valid
until the next change or --forget-previous, so that no click is lost while you rotate.

Exit code 0: stored, and in every channel. 1: stored, but not in every channel. 2: it could not run, and nothing was stored.
`

const OPTIONS = {
  ...AWS_OPTIONS,
  ...SLACK_OPTIONS,
  config: { type: 'string', default: DEFAULT_CONFIG },
  channel: { type: 'string' },
  'forget-previous': { type: 'boolean', default: false },
  stdin: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { stack: name, config, channel, stdin, yes, ...options } = parse('slack connect', args, OPTIONS)
    useAws(options)
    const wanted = channel === undefined ? channelsOf(await loadConfig(config)) : [channel]
    const arn = output(await deployedStack(await stackNamed(name, config)), 'SlackSecretArn')
    const given = await readCredentials(stdin, terminal)
    const workspace = workspaceOf(given.botToken, slackApiUrl(options['slack-api-url']))
    const app = await checkToken(workspace, terminal)
    const before = await readSecret(arn)
    const { installation } = app
    const secret = { ...rotated(given, options['forget-previous'] ? undefined : before), installation }
    const found = await workspace.channels(wanted)
    const isNew = JSON.stringify(secret) !== JSON.stringify(before)
    const steps = [
      ...(isNew ? [storing(secret, before, arn)] : []),
      ...found.flatMap((one) => (mayJoin(one) ? [`joins #${one.name}`] : [])),
    ]
    if (steps.length > 0 && !(await agree(terminal, { yes }, `This\n${steps.map((step) => `  - ${step}\n`).join('')}`)))
      return 2
    if (isNew) await storeSecret(arn, secret)
    await terminal.print(`${terminal.paint('green', '✓')} ${isNew ? 'stored' : 'already stored, nothing changed'}\n`)
    let isIn = true
    for (const [place, one] of wanted.entries())
      isIn = (await enter(workspace, { channel: found[place], wanted: one }, app, terminal)) && isIn
    if (isIn) await terminal.print('\nNext: npx tocsin doctor\n')
    return isIn ? 0 : 1
  },
}

async function checkToken(workspace: Workspace, terminal: Terminal): Promise<WhoWeAre> {
  const app = await workspace.whoAmI()
  const missing = app.scopes && missingScopes(app.scopes)
  if (missing && missing.length > 0)
    throw new UserError(
      `the token lacks ${missing.join(', ')}; nothing was stored. Paste npx tocsin slack-manifest into "App Manifest" of your app, install it again, and come back`,
    )
  await terminal.print(
    `${terminal.paint('green', '✓')} the token is valid: ${app.user} in ${app.team}${missing ? ', with all scopes' : '; Slack did not say which scopes it has'}\n`,
  )
  return app
}

/** The previous secret stays valid alongside the new one. */
function rotated(given: SlackSecret, before: SlackSecret | undefined): SlackSecret {
  if (!before) return given
  const previous = before.signingSecret === given.signingSecret ? before.previousSigningSecret : before.signingSecret
  return { ...given, ...(previous !== undefined && { previousSigningSecret: previous }) }
}

function storing(secret: SlackSecret, before: SlackSecret | undefined, arn: string): string {
  const what = before ? 'replaces the stored token and signing secret' : 'stores the token and the signing secret'
  const kept = secret.previousSigningSecret !== undefined && secret.previousSigningSecret === before?.signingSecret
  return `${what} in Secrets Manager,\n    ${arn}${kept ? '\n    (the signing secret until now stays valid beside it; Tocsin sees the new one within 5 minutes)' : ''}`
}

const mayJoin = (channel: Channel | undefined): channel is Channel =>
  channel !== undefined && !channel.isMember && !channel.isPrivate && !channel.isArchived

/** Whether it is in the channel then. */
async function enter(
  workspace: Workspace,
  { channel, wanted }: { channel: Channel | undefined; wanted: string },
  { user }: WhoWeAre,
  terminal: Terminal,
): Promise<boolean> {
  const notIn = async (why: string, todo: string): Promise<boolean> => {
    await terminal.print(`${terminal.paint('red', '✗')} ${why}\n  → ${wrap(todo, WIDTH, 4)}\n`)
    return false
  }
  if (!channel)
    return notIn(
      `${user} sees no channel ${wanted}`,
      `is the name right? If the channel is private, write /invite @${user} in it; then npx tocsin doctor`,
    )
  if (channel.isArchived) return notIn(`#${channel.name} is archived`, 'choose another one in the config, and deploy')
  if (channel.isPrivate && !channel.isMember)
    return notIn(`#${channel.name} is private`, `write /invite @${user} in it; then npx tocsin doctor`)
  if (!channel.isMember) await workspace.join(channel.id)
  await terminal.print(`${terminal.paint('green', '✓')} ${user} is in #${channel.name}\n`)
  return true
}
