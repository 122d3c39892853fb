// `tocsin slack-manifest`: the Slack app, ready to paste.
import { AWS_HELP, AWS_OPTIONS, parse, useAws, type Command } from '../command.ts'
import { deployedStack, output } from '../aws/stack.ts'
import { stackNamed, UserError } from '../load-config.ts'
import { manifest, yaml } from '../slack/manifest.ts'

const HELP = `tocsin slack-manifest: the Slack app with its scopes and the deployed address, ready to paste. It changes nothing.

${AWS_HELP}  --json                 JSON instead of YAML; Slack takes both
  --url URL              the address for clicks, instead of asking the deployed stack for it
  --name NAME            the app's name; by default Tocsin

The manifest goes to stdout and the rest to stderr: npx tocsin slack-manifest > manifest.yaml
docs/cli.md says what each scope is for.
`

const OPTIONS = {
  ...AWS_OPTIONS,
  json: { type: 'boolean', default: false },
  url: { type: 'string' },
  name: { type: 'string', default: 'Tocsin' },
} as const

/** Slack: an app's name may have at most 35 characters. */
const LONGEST_NAME = 35

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { stack, json, url, name, ...options } = parse('slack-manifest', args, OPTIONS)
    if (name.length === 0 || name.length > LONGEST_NAME)
      throw new UserError(`--name must have 1 to ${LONGEST_NAME} characters`)
    if (url !== undefined && !URL.canParse(url)) throw new UserError(`--url must be an address, like https://…`)
    useAws(options)
    const app = manifest(url ?? output(await deployedStack(await stackNamed(stack)), 'SlackRequestUrl'), name)
    await terminal.print(json ? `${JSON.stringify(app, null, 2)}\n` : yaml(app))
    terminal.note(`
What to do with it:
  1. Open https://api.slack.com/apps?new_app=1 and choose "From a manifest".
     (The app exists already? Open it, and paste this into "App Manifest".)
  2. Choose the workspace, take the tab ${json ? 'JSON' : 'YAML'}, paste, and create the app.
  3. "Install to Workspace". Then: npx tocsin slack connect
`)
  },
}
