// `tocsin lint`: names every service that waits longer than its callers do.
import { tooLong, type Caller, type TooLong } from '../lint.ts'
import { plural } from '../../lambda/core/words/words.ts'
import { parse, type Command } from '../command.ts'
import { DEFAULT_CONFIG, loadConfig } from '../load-config.ts'

const HELP = `tocsin lint: names every service whose timeout is longer than its caller's. When what it calls is slow, its callers give
up first; it keeps waiting for nobody and holding its resources, and the next requests queue up behind it.

  --config FILE          TypeScript or JSON; by default ${DEFAULT_CONFIG}
  --json                 one JSON object on stdout, and nothing else

It compares timeoutSeconds along dependsOn. A service without timeoutSeconds passes on what its own callers wait.

Exit code 0: nothing found. 1: something found. 2: it could not run, and says why.
`

const OPTIONS = {
  config: { type: 'string', default: DEFAULT_CONFIG },
  json: { type: 'boolean', default: false },
} as const

const FOUND = 1

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { config: file, json } = parse('lint', args, OPTIONS)
    const { services } = await loadConfig(file, withoutSlack)
    const findings = tooLong(services)
    const withTimeout = Object.values(services).filter(({ timeoutSeconds }) => timeoutSeconds !== undefined).length
    const result = { services: Object.keys(services).length, withTimeout, findings }
    await terminal.print(json ? `${JSON.stringify(result)}\n` : tell(result))
    return findings.length > 0 ? FOUND : 0
  },
}

/** Timeouts have nothing to do with Slack. */
function withoutSlack(input: unknown): unknown {
  return typeof input === 'object' && input !== null && !Array.isArray(input) && !('slack' in input)
    ? { ...input, slack: { channel: 'lint' } }
    : input
}

function tell({
  services,
  withTimeout,
  findings,
}: {
  services: number
  withTimeout: number
  findings: TooLong[]
}): string {
  if (withTimeout === 0)
    return `No service says how long it waits: set timeoutSeconds in services.<id>. ${plural(services, 'service')} checked.\n`
  if (findings.length === 0)
    return `No service waits longer than its callers. ${withTimeout} of ${plural(services, 'service')} say how long they wait.\n`
  const title = `${plural(findings.length, 'service')} wait${findings.length === 1 ? 's' : ''} longer than ${findings.length === 1 ? 'its' : 'their'} callers:\n`
  return `${title}\n${findings.map(paragraph).join('\n')}`
}

const paragraph = ({ service, timeoutSeconds, callers, suggestedSeconds }: TooLong): string =>
  `  ${service} waits ${timeoutSeconds} s\n${callers.map(line).join('')}    set timeoutSeconds of ${service}, and the timeout itself, to ${suggestedSeconds} or less\n`

const line = ({ service, timeoutSeconds, through }: Caller): string =>
  `    ${service} gives up after ${timeoutSeconds} s${through.length > 0 ? ` (it calls through ${through.join(', ')})` : ''}\n`
