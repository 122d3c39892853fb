// Worlds for tests: the built-in ones, changed, and a small one.
import { readFileSync } from 'node:fs'
import { checkConfig } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { drill, type Drill } from '../../drill/drill.ts'
import type { Report } from '../../drill/report.ts'
import { checkWorld } from '../../drill/world/plan/check.ts'
import type { Fault } from '../../drill/world/faults.ts'
import type { Plan, WorldInput } from '../../drill/world/plan/schema.ts'

/** A fix is there for each of these. */
export const MENDED = [
  'broker-queue-backlog',
  'connection-timeout',
  'delivery-limit',
  'disk-fills',
  'memory-leak',
  'sqs-backlog',
] as const
/** In these, the best that Tocsin can do is to touch nothing and say why. */
export const LEFT_ALONE = ['code-deploy', 'hung-consumer', 'instance-store-full', 'too-little'] as const
export const BUILT_IN = [...MENDED, ...LEFT_ALONE] as const
export type BuiltIn = (typeof BUILT_IN)[number]

export const inputOf = (name: BuiltIn): WorldInput =>
  JSON.parse(readFileSync(new URL(`../../drill/worlds/${name}.json`, import.meta.url), 'utf8')) as WorldInput

/** A built-in world, changed. */
export function changed(name: BuiltIn, change: (input: WorldInput) => void): WorldInput {
  const input = inputOf(name)
  change(input)
  return input
}

export interface Rehearsal {
  mode?: 'suggest' | 'auto'
  fault?: Fault
  approveAfterSeconds?: number
  name?: string
}

export function rehearse(
  input: WorldInput,
  { mode, fault = 'none', approveAfterSeconds = 30, name = 'world' }: Rehearsal = {},
): Promise<{ report: Report; drill: Drill }> {
  const plan = checkWorld(input)
  const config = checkConfig(plan.tocsin)
  return drill({ name, plan, config: mode ? inMode(config, mode) : config, approveAfterSeconds, fault })
}

const inMode = (config: Config, mode: 'suggest' | 'auto'): Config => ({
  ...config,
  runbooks: config.runbooks.map((rule) => ({ ...rule, mode })),
})

/** The minimum that makes a world; the rest is what the test is about. */
export const planOf = (input: Partial<WorldInput>): Plan =>
  checkWorld({
    title: 'A test',
    alarms: SOME_ALARM(input),
    events: [{ at: 1, does: 'say', text: 'go' }],
    tocsin: {},
    ...input,
  })

const SOME_ALARM = (input: Partial<WorldInput>): WorldInput['alarms'] => {
  const service = Object.keys(input.services ?? {})[0]
  const broker = Object.keys(input.brokers ?? {})[0]
  const instance = Object.keys(input.instances ?? {})[0]
  const measures = service
    ? ({ service, value: 'errors' } as const)
    : broker
      ? ({ broker, value: 'blocked' } as const)
      : ({ instance: instance!, path: '/', value: 'usedPercent' } as const)
  return { one: { namespace: 'Test', metric: 'One', measures, threshold: 1e9 } }
}

export const runFor = (world: { tick(): unknown }, seconds: number): void => {
  for (let i = 0; i < seconds; i++) world.tick()
}
