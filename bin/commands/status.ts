// `tocsin status`: what is open now, and whether anything is waiting or was given up on.
import type { Config } from '../../lambda/core/services/config.ts'
import { isActive, type Incident } from '../../lambda/core/incident/incident.ts'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import { checkConfig } from '../../lambda/config.ts'
import type { Table } from '../../lambda/ports/table.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { toldAtHome } from '../../lambda/store/ledger/ledger.ts'
import { tableCalled } from '../aws/board.ts'
import { deployedStack, output } from '../aws/stack.ts'
import { AWS_HELP, AWS_OPTIONS, parse, useAws, type Command } from '../command.ts'
import { DEFAULT_CONFIG, loadConfig, stackNamed, UserError } from '../load-config.ts'
import { linkTo } from '../../lambda/core/notify/slack/link.ts'
import { asJson } from '../status/json.ts'
import { depths } from '../status/queues.ts'
import { asText } from '../status/text.ts'

const HELP = `tocsin status: what is open now, who is on it, and whether anything waits. It only looks.

${AWS_HELP}  --config FILE          for titles and causes; by default ${DEFAULT_CONFIG}, if it is there
  --json                 one JSON object on stdout:
                         { incidents: [{ id, title, status, severity, openedAt, acknowledgedBy, snoozedUntil, firing, services,
                           causes: [{ service, score, evidence }], link }], unreadable, ignores,
                           queues: { intake, notices, … } }
`

const OPTIONS = {
  ...AWS_OPTIONS,
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { stack: name, config, json, ...options } = parse('status', args, OPTIONS)
    useAws(options)
    const [stack, rules] = [await deployedStack(await stackNamed(name, config)), rulesOf(await configIn(config))]
    const table = tableCalled(output(stack, 'TableName'))
    const [board, queues] = await Promise.all([readBoard(table), depths(stack)])
    const open = Object.values(board.incidents)
      .filter(isActive)
      .sort((a, b) => a.openedAt - b.openedAt)
    const now = { open, links: await linksTo(table, open), board, queues }
    if (json) return terminal.print(`${JSON.stringify(asJson(now, rules))}\n`)
    await terminal.print(asText(now, rules, terminal))
  },
}

async function linksTo(table: Table, open: readonly Incident[]): Promise<Map<string, string>> {
  const links = await Promise.all(
    open.map(async (incident) => [incident.id, linkTo((await toldAtHome(table, incident))?.ref)] as const),
  )
  return new Map(links.flatMap(([id, link]) => (link === undefined ? [] : [[id, link]])))
}

/** Only for the titles: without a config, services go by their ids. */
async function configIn(file: string | undefined): Promise<Config> {
  try {
    return await loadConfig(file ?? DEFAULT_CONFIG)
  } catch (error) {
    if (file !== undefined || !(error instanceof UserError)) throw error
    return checkConfig({ slack: { channel: 'unknown' }, services: {} })
  }
}
