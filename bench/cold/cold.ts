// How large is each function, and how soon is a new one ready? Compared with an empty one, and one that only imports the DynamoDB client.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkConfig } from '../../lambda/config.ts'
import { bundle } from '../../lib/function/bundle.ts'
import userConfig from '../../tocsin.config.ts'
import { median, type Options } from '../measure.ts'

export interface ColdFigures {
  runs: number
  functions: {
    name: string
    bytes: number
    /** Median: from the start of the process until the handler is loaded. */
    readyMs: number
    /** Relative to the function that only imports the DynamoDB client. */
    ratio: number
  }[]
}

const YARDSTICK = 'DynamoDB client alone'
const SOURCES: Record<string, string> = {
  'empty handler': './functions/empty.ts',
  [YARDSTICK]: './functions/dynamodb.ts',
  intake: '../../lambda/entry/intake.ts',
  notify: '../../lambda/entry/notify.ts',
  respond: '../../lambda/entry/respond.ts',
  escalate: '../../lambda/entry/escalate.ts',
  watchdog: '../../lambda/entry/watchdog.ts',
}

export async function measure({ quick, progress }: Options): Promise<ColdFigures> {
  const runs = quick ? 5 : 21
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'))
  try {
    const config = join(folder, 'config.json')
    writeFileSync(config, JSON.stringify(checkConfig(userConfig, 'tocsin.config.ts')))
    const functions = Object.entries(SOURCES).map(([name, source], i) => {
      const file = join(folder, `${i}.cjs`)
      const bytes = bundle(fileURLToPath(new URL(source, import.meta.url)), file)
      return { name, bytes, file, took: [] as number[] }
    })
    progress(`cold: ${functions.length} functions, ${runs} starts each`)
    // In turns, so that a noisy moment affects all of them. The first round fills the disk cache.
    for (let run = 0; run <= runs; run++)
      for (const { file, took } of functions) {
        const ms = start(file, config)
        if (run > 0) took.push(ms)
      }
    const yardstick = median(functions.find(({ name }) => name === YARDSTICK)!.took)
    return {
      runs,
      functions: functions.map(({ name, bytes, took }) => ({
        name,
        bytes,
        readyMs: median(took),
        ratio: median(took) / yardstick,
      })),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `performance.now()` counts from the start of the process. */
const SCRIPT = `
const { handler } = require(process.argv[1])
const ready = performance.now()
if (typeof handler !== 'function') throw new Error('no handler')
process.stdout.write(String(ready))
process.exit()`

function start(file: string, config: string): number {
  const out = execFileSync(process.execPath, ['-e', SCRIPT, file], { env: environment(config), encoding: 'utf8' })
  const ms = Number(out)
  if (!(ms > 0)) throw new Error(`${file} did not start: ${out}`)
  return ms
}

/** As a deployment sets it, with addresses that nobody answers: nothing is called. */
const environment = (config: string): Record<string, string> => ({
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  TOCSIN_TABLE: 'bench',
  TOCSIN_NOTICES_URL: 'http://127.0.0.1:9/notices.fifo',
  TOCSIN_INTAKE_URL: 'http://127.0.0.1:9/intake',
  TOCSIN_DEAD_LETTERS_URL: 'http://127.0.0.1:9/dead-letters',
  TOCSIN_TIMERS_ARN: 'arn:aws:lambda:us-east-1:000000000000:function:bench:live',
  TOCSIN_RUNS_ARN: 'arn:aws:lambda:us-east-1:000000000000:function:bench-run-*:live',
  TOCSIN_SLACK_SECRET: 'bench',
  TOCSIN_CONFIG: config,
})
