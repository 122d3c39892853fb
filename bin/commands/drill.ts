// `tocsin drill`: rehearses an incident in a simulated world, with the real runbooks.
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkConfig } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { drill } from '../../drill/drill.ts'
import { tell } from '../../drill/tell.ts'
import { checkWorld, WorldError } from '../../drill/world/plan/check.ts'
import { FAULTS, type Fault } from '../../drill/world/faults.ts'
import type { Plan } from '../../drill/world/plan/schema.ts'
import type { Command } from '../command.ts'
import { loadConfig, parseJson, readText, UserError } from '../load-config.ts'

const WORLDS = join(import.meta.dirname, '../../drill/worlds')
const built = (): string[] =>
  readdirSync(WORLDS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort()

const HELP = `tocsin drill NAME: rehearses an incident in a simulated world, with the real runbooks. No network, no waiting.

  NAME                     ${built().join(', ')}
  --world FILE.json        a world of your own instead: see docs/drill.md
  --config FILE            your Tocsin config instead of the world's
  --mode suggest|auto      for all its runbooks; by default as the config says
  --approve-after SECONDS  seconds from a proposal to the click on Approve; by default 30
  --fault FAULT            what goes wrong with the fix: ${FAULTS.join(', ')}
                             no-help: its calls succeed, and change nothing
                             denied: its role may only read
                             crash: its process dies again and again, and resumes
  --json                   one JSON object on stdout, and nothing else

The same world and the same options give the same drill.

Exit code 0: it ran, whatever came out. 2: it could not, and says why.
`

const OPTIONS = {
  world: { type: 'string' },
  config: { type: 'string' },
  mode: { type: 'string' },
  'approve-after': { type: 'string', default: '30' },
  fault: { type: 'string', default: 'none' },
  json: { type: 'boolean', default: false },
} as const

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { values, positionals } = parse(args)
    const { plan, name, file } = await worldOf(positionals, values.world)
    const config = values.config === undefined ? configOf(plan, file) : await loadConfig(values.config, withoutSlack)
    const { report, drill: seen } = await drill({
      name,
      plan,
      config: inMode(config, oneOf('mode', values.mode, ['suggest', 'auto'] as const)),
      approveAfterSeconds: seconds(values['approve-after']),
      fault: oneOf<Fault>('fault', values.fault, FAULTS)!,
    })
    await terminal.print(values.json ? `${JSON.stringify(report)}\n` : tell(report, seen))
  },
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UserError(`${(error as Error).message.split('\n')[0]!}; see tocsin drill --help`)
  }
}

async function worldOf([name, ...more]: string[], own: string | undefined) {
  if (more.length > 0) throw new UserError(`one world at a time, not also ${more.join(' ')}; see tocsin drill --help`)
  const file = own ?? (name === undefined ? undefined : join(WORLDS, `${name}.json`))
  if (file === undefined)
    throw new UserError(`which world? One of ${built().join(', ')}, or --world FILE.json; see tocsin drill --help`)
  if (own === undefined && !built().includes(name!))
    throw new UserError(
      `there is no world ${JSON.stringify(name)}; write one of ${built().join(', ')}, or --world FILE.json`,
    )
  return { plan: checked(parseJson(await readText(file), file), file), name: name ?? basename(file, '.json'), file }
}

function checked(input: unknown, file: string): Plan {
  try {
    return checkWorld(input, file)
  } catch (error) {
    throw error instanceof WorldError ? new UserError(error.message) : error
  }
}

const configOf = ({ tocsin }: Plan, file: string): Config => checkConfig(withoutSlack(tocsin), `"tocsin" in ${file}`)

/** A drill does not talk to Slack: a config with only services will do. */
const withoutSlack = (input: unknown): unknown =>
  typeof input === 'object' && input !== null && !Array.isArray(input) && !('slack' in input)
    ? { ...input, slack: { channel: 'drill' } }
    : input

const inMode = (config: Config, mode: 'suggest' | 'auto' | undefined): Config =>
  mode === undefined ? config : { ...config, runbooks: config.runbooks.map((rule) => ({ ...rule, mode })) }

function oneOf<T extends string>(option: string, given: string | undefined, known: readonly T[]): T | undefined {
  const found = known.find((one) => one === given)
  if (given !== undefined && found === undefined)
    throw new UserError(`--${option} ${given} is not known; write one of ${known.join(', ')}`)
  return found
}

function seconds(given: string): number {
  if (!/^\d{1,5}$/.test(given))
    throw new UserError(`--approve-after ${given} is not a number of seconds; write one like 30`)
  return Number(given)
}
