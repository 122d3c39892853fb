// `npm start`: prints one address, and shows there what Tocsin does. Ends on Ctrl-C.
import { checkConfig } from '../lambda/config.ts'
import userConfig from '../tocsin.config.ts'
import { servePage } from './page/server/server.ts'
import { stageOf } from './scenarios.ts'
import { startTocsin } from './tocsin.ts'
import { reasonOf } from '../lambda/core/words/words.ts'

const PORT = 4180
/** On this page an incident resolves soon after its last alarm recovers: nobody wants to watch five minutes of quiet. */
const QUIET_SECONDS = 10
/** Played fast, an alarm that came and went three times in two hours looks like flapping. */
const FLAPS = 12

async function main(): Promise<void> {
  const port = Number(process.env['PORT'] ?? PORT)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT must be a number from 0 to 65535, not ${process.env['PORT']}`)
  const config = checkConfig(userConfig, 'tocsin.config.ts')
  Object.assign(config.correlation, {
    resolveGraceSeconds: QUIET_SECONDS,
    flap: { ...config.correlation.flap, changes: FLAPS },
  })
  const onError = (error: unknown): void => console.error(`  ${reasonOf(error)}`)
  // Handlers log as they do in AWS; here the page is what people look at.
  if (!process.env['TOCSIN_LOG']) console.log = () => undefined

  const tocsin = await startTocsin(config, onError)
  const page = await servePage({
    slack: tocsin.slack,
    stage: stageOf(tocsin, config, onError),
    port,
    host: '127.0.0.1',
  }).catch(async (error: unknown) => {
    await tocsin.close()
    throw error
  })
  process.stdout.write(`\n  Tocsin runs at ${page.url}\n  Ctrl-C ends it.\n\n`)

  let closing = false
  const end = (): void => {
    if (closing) process.exit(1)
    closing = true
    process.stdout.write('\n  Stopped.\n')
    void Promise.all([page.close(), tocsin.close()]).finally(() => process.exit(0))
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
}

main().catch((error: unknown) => {
  process.stderr.write(`\n  ${reasonOf(error)}\n\n`)
  process.exit(1)
})
