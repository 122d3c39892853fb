// `tocsin init`: asks a few questions, looks at the account, and writes the config.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { checkConfig, type ConfigInput } from '../../lambda/config.ts'
import { plural } from '../../lambda/core/words/words.ts'
import { explainAws } from '../aws/errors.ts'
import { whoAmI } from '../aws/identity.ts'
import { AWS_HELP, AWS_OPTIONS, parse, useAws, type Command } from '../command.ts'
import { askBasics, askServices, pickServices, servicesGiven, type Answers } from '../init/ask.ts'
import type { ServiceInput } from '../init/found.ts'
import { lookAround, type Inventory } from '../init/look.ts'
import { propose } from '../init/propose.ts'
import { sourceOf } from '../init/source.ts'
import { summary } from '../init/summary.ts'
import { DEFAULT_STACK } from '../../lambda/core/facts/stack-name.ts'
import { DEFAULT_CONFIG, stackNamed, UserError } from '../load-config.ts'
import { agree } from '../terminal/agree.ts'
import type { Terminal } from '../terminal/terminal.ts'

const HELP = `tocsin init: asks a few questions, looks at what the account holds, and writes the config. In AWS it only looks.

${AWS_HELP}  --config FILE          what to write, .ts or .json; by default ${DEFAULT_CONFIG}
  --channel NAME         the Slack channel
  --time-zone ZONE       by default this machine's
  --approvers IDS        Slack ids of who may approve a fix, U… or S…
  --emails ADDRESSES     who is told when Tocsin itself fails
  --service ID[=ID,…]    a service and what it depends on, again for each one; then it does not look at the account
  --no-aws               does not look at the account
  --yes                  asks nothing: takes the defaults, and what is found

It proposes services from ECS, Auto Scaling, Lambda, load balancers, RDS, Amazon MQ, SQS and the alarms that exist, so that each of these
alarms finds a service; and edges from target groups, event sources and X-Ray's traces of the last six hours. You pick. Lambda functions
and queues are preselected only if they have an alarm or an edge. Without credentials it only asks questions.
`

const OPTIONS = {
  ...AWS_OPTIONS,
  config: { type: 'string', default: DEFAULT_CONFIG },
  channel: { type: 'string' },
  'time-zone': { type: 'string' },
  approvers: { type: 'string' },
  emails: { type: 'string' },
  service: { type: 'string', multiple: true },
  'no-aws': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { stack, config: file, yes, ...options } = parse('init', args, OPTIONS)
    if (!['.ts', '.mts', '.js', '.mjs', '.json'].includes(extname(file)))
      throw new UserError(`--config ${file} is neither TypeScript nor JSON: write a .ts or a .json file`)
    if (!yes && !terminal.canAsk)
      throw new UserError('there is no terminal to ask in: add --yes, and answer with --channel and the other options')
    useAws(options)
    const given = {
      channel: options.channel,
      timeZone: options['time-zone'],
      approvers: options.approvers,
      emails: options.emails,
      yes,
    }
    const answers = await askBasics(given, terminal)
    const inventory =
      options.service || options['no-aws']
        ? undefined
        : await lookAtAccount(await stackNamed(stack, file).catch(() => DEFAULT_STACK), terminal)
    const services = options.service
      ? servicesGiven(options.service)
      : inventory
        ? await servicesIn(inventory, yes, terminal)
        : yes
          ? {}
          : await askServices(terminal)
    const config = configOf(answers, services)
    checkConfig(config, 'what was answered')
    terminal.note(summary(services, inventory?.alarms ?? []))
    const what = existsSync(file) ? `This replaces ${file}, which exists.` : `This writes ${file}.`
    if (!(await agree(terminal, { yes }, what))) return 2
    await writeFile(file, sourceOf(config, file)).catch((error: Error) => {
      throw new UserError(`${file} cannot be written: ${error.message}; choose another one with --config`)
    })
    await terminal.print(
      `${terminal.paint('green', '✓')} ${file}: ${plural(Object.keys(services).length, 'service')}\n`,
    )
    terminal.note(NEXT)
    return 0
  },
}

const NEXT = `
Read it through: edges that are missing make two incidents of one, titles make messages readable.
Next: npx tocsin doctor, then npx cdk deploy
`

async function lookAtAccount(stack: string, terminal: Terminal): Promise<Inventory | undefined> {
  try {
    const { account, region } = await whoAmI()
    terminal.note(`Looking at what ${account} holds in ${region}; this changes nothing.`)
  } catch (error) {
    const why = explainAws(error)
    if (why === undefined) throw error
    terminal.note(`Not looking at an AWS account: ${why}.\nAsking questions only.`)
    return undefined
  }
  return lookAround(stack, terminal)
}

async function servicesIn(
  inventory: Inventory,
  yes: boolean,
  terminal: Terminal,
): Promise<Record<string, ServiceInput>> {
  const proposals = propose(inventory)
  if (proposals.length === 0) terminal.note('Nothing was found that could be a service.')
  const picked = await pickServices(proposals, yes, terminal)
  const ids = new Set(picked.map(({ id }) => id))
  return Object.fromEntries(
    picked.map(({ id, service: { dependsOn, ...service } }) => {
      const kept = dependsOn?.filter((other) => ids.has(other)) ?? []
      const { kind, ...rest } = service
      return [id, { ...(kind && { kind }), ...(kept.length > 0 && { dependsOn: kept }), ...rest }]
    }),
  )
}

const configOf = (
  { channel, approvers, timeZone, emails }: Answers,
  services: Record<string, ServiceInput>,
): ConfigInput => ({
  slack: { channel, ...(approvers.length > 0 && { approvers }) },
  timeZone,
  services,
  ...(emails.length > 0 && { watchdog: { emails } }),
})
