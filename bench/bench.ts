// `npm run bench`: how fast Tocsin is on this machine, each figure next to its target. A missed target is not an error: machines are noisy.
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { PARTS, run, type Part, type Results } from './parts.ts'
import { tablesOf, tableText } from './report.ts'

const HELP = `npm run bench -- [--quick] [--json] [--only ${PARTS.join('|')}]

  --quick   small sizes, few runs
  --json    one JSON object on stdout, and nothing else there
  --only    one benchmark

Exit code 0: it ran, whatever the figures. 1: something broke. 2: it was asked for something it does not know.
`

async function main({ json, quick, only }: ReturnType<typeof read>): Promise<void> {
  const machine = {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    /** Over the minute before the start: what else the machine was doing. */
    load: loadavg()[0] ?? 0,
  }
  const results: Partial<Results> = {}
  for (const part of only ? [only] : PARTS) Object.assign(results, { [part]: await run(part, quick) })
  const tables = tablesOf(results)
  if (json) return print(JSON.stringify({ machine, quick, ...results, tables }))
  const { cores, cpu, node, platform, load } = machine
  const heading = `Tocsin on ${cores} cores (${cpu}), Node ${node}, ${platform}, load before ${load.toFixed(1)}${quick ? ', quick: small sizes' : ''}`
  print(`\n${heading}\n\n${tables.map(tableText).join('\n')}`)
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

function read() {
  const { json, quick, only, help } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values
  const part = PARTS.find((known) => known === only)
  if (only !== undefined && !part) throw new Error(`there is no benchmark ${JSON.stringify(only)}`)
  return { json, quick, help, only: part satisfies Part | undefined }
}

function fail(error: unknown, code: number, more = ''): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${more}`)
  process.exitCode = code
}

let options: ReturnType<typeof read> | undefined
try {
  options = read()
} catch (error) {
  fail(error, 2, `\n${HELP}`)
}
if (options?.help) print(HELP)
else if (options) await main(options).catch((error: unknown) => fail(error, 1))
