// `tocsin doctor`: is everything ready, from the account to the channel? One line per check, and what to do.
import { AWS_HELP, AWS_OPTIONS, parse, SLACK_OPTIONS, slackApiUrl, useAws, type Command } from '../command.ts'
import { explainAws } from '../aws/errors.ts'
import { ACCOUNT } from '../doctor/account.ts'
import type { Check, Fact, Facts, Finding } from '../doctor/check.ts'
import { FLOW } from '../doctor/flow.ts'
import { SLACK } from '../doctor/slack.ts'
import { DEFAULT_CONFIG, stackNamed } from '../load-config.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { printable, WIDTH, wrap } from '../terminal/words.ts'

const CHECKS: Check[] = [...ACCOUNT, ...SLACK, ...FLOW]

const HELP = `tocsin doctor: is everything ready, from the AWS account to the Slack channel? It only looks, and changes nothing.

${AWS_HELP}  --config FILE          by default ${DEFAULT_CONFIG}
  --slack-api-url URL    another Slack, for tests
  --json                 one JSON object on stdout: { ok, checks: [{ check, is, found, todo? }] }

It works before the first deploy too: what is still to come shows as "·", with the command that does it.
No API lists the regions that have Lambda's durable functions. doctor asks Lambda there for executions of a function that does not
exist: a region that has them answers that there is no such function. Once deployed, it asks the function itself.

Exit code 0: nothing failed. 1: something failed. 2: it could not run.
`

const OPTIONS = {
  ...AWS_OPTIONS,
  ...SLACK_OPTIONS,
  config: { type: 'string', default: DEFAULT_CONFIG },
  json: { type: 'boolean', default: false },
} as const

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { stack, config, json, ...options } = parse('doctor', args, OPTIONS)
    useAws(options)
    const facts: Facts = {
      stackName: await stackNamed(stack, config).catch(() => undefined),
      configFile: config,
      slackApiUrl: slackApiUrl(options['slack-api-url']),
    }
    const findings: { check: string; finding: Finding }[] = []
    for (const check of CHECKS) {
      terminal.waiting(json ? undefined : `  … ${check.name}`)
      const found = await examine(check, facts)
      terminal.waiting()
      for (const finding of [found].flat()) {
        findings.push({ check: check.name, finding })
        if (!json) await terminal.print(lineOf(check.name, finding, terminal))
      }
    }
    const isOk = findings.every(({ finding }) => finding.is !== 'failed')
    if (json)
      await terminal.print(
        `${JSON.stringify({ ok: isOk, checks: findings.map(({ check, finding }) => ({ check, ...finding })) })}\n`,
      )
    else await terminal.print(`\n${closing(findings.map(({ finding }) => finding))}\n`)
    return isOk ? 0 : 1
  },
}

const WHAT_IS_NEEDED: Record<Fact, string> = {
  identity: 'the AWS account',
  config: 'the config',
  stack: 'the deployed stack',
  secret: 'the Slack secret',
  workspace: 'the Slack secret',
  whoWeAre: 'a valid Slack token',
}

async function examine({ needs, look }: Check, facts: Facts): Promise<Finding | Finding[]> {
  const missing = needs.find((fact) => facts[fact] === undefined)
  if (missing !== undefined) return { is: 'skipped', found: `needs ${WHAT_IS_NEEDED[missing]} first` }
  try {
    return await look(facts)
  } catch (error) {
    const words = explainAws(error) ?? (error as Error).message
    const [found, ...todo] = words.split(': ')
    return { is: 'failed', found: found!, todo: todo.join(': ') || 'try again' }
  }
}

const MARKS: Record<Finding['is'], [mark: string, style: 'green' | 'red' | 'yellow' | 'dim']> = {
  ok: ['✓', 'green'],
  failed: ['✗', 'red'],
  'not yet': ['·', 'yellow'],
  unknown: ['?', 'yellow'],
  skipped: ['-', 'dim'],
}

const NAME_WIDTH = Math.max(...CHECKS.map(({ name }) => name.length))
const INDENT = NAME_WIDTH + 5

function lineOf(name: string, finding: Finding, { paint }: Terminal): string {
  const [mark, style] = MARKS[finding.is]
  const lines = [
    `${paint(style, mark)} ${name.padEnd(NAME_WIDTH)}  ${wrap(printable(finding.found), WIDTH, INDENT - 1)}`,
  ]
  if ('todo' in finding)
    lines.push(`${' '.repeat(INDENT - 1)}${paint('bold', `→ ${wrap(printable(finding.todo), WIDTH, INDENT + 1)}`)}`)
  return lines.map((line) => `${line}\n`).join('')
}

function closing(findings: Finding[]): string {
  const count = (is: Finding['is']): number => findings.filter((finding) => finding.is === is).length
  const [bad, open] = [count('failed'), count('not yet')]
  if (bad > 0) return `${bad} of ${findings.length} checks failed: the arrows say what to do.`
  if (open > 0) return `Nothing failed. The set-up goes on with: ${todoOf(findings)}`
  return 'All is well. Try it: npx tocsin test-alarm'
}

const todoOf = (findings: Finding[]): string =>
  findings.flatMap((finding) => (finding.is === 'not yet' ? [finding.todo] : []))[0] ?? ''
