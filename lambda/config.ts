// Checks the user's config as a whole: every mistake in one message, each with its key and what to write instead.
import * as z from 'zod'
import { crossCheck } from './config/checks.ts'
import { explain } from './config/explain.ts'
import { schema } from './config/schema.ts'
import type { Mistake } from './config/words.ts'
import type { Config } from './core/services/config.ts'
import { RUNBOOKS } from './runbooks/index.ts'

export type { Mistake } from './config/words.ts'

export type ConfigInput = z.input<typeof schema>

/** Completion and checks in the editor for `tocsin.config.ts`. */
export const defineConfig = (config: ConfigInput): ConfigInput => config

export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly mistakes: Mistake[]
  constructor(mistakes: Mistake[], where: string) {
    super(
      `${where} has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map(({ key, problem }) => `  ${key}: ${problem}`).join('\n')}`,
    )
    this.mistakes = mistakes
  }
}

/** The config with all defaults. Throws a `ConfigError` that lists every mistake. */
export function checkConfig(input: unknown, where = 'the config'): Config {
  const result = schema.safeParse(input)
  const mistakes = [
    ...(result.error?.issues ?? []).flatMap((issue) => explain(issue, input, schema)),
    ...crossCheck(input),
  ]
  if (mistakes.length > 0 || !result.success) throw new ConfigError(mistakes, where)
  const { $schema: _, ...config } = result.data
  const runbooks = config.runbooks.map((rule) => {
    const { title, needs, destructive, options, signals } = RUNBOOKS.get(rule.runbook)!
    return {
      ...rule,
      when: { ...(signals && { signals }), ...rule.when },
      with: options.parse(rule.with),
      about: { title, needs, destructive },
    }
  })
  return { ...config, services: titled(config.services), teams: titled(config.teams), runbooks } as Config
}

const titled = <T extends { title?: string | undefined }>(by: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(by).map(([id, one]) => [id, { ...one, title: one.title ?? id }]))

export const configSchema = (): object => z.toJSONSchema(schema, { io: 'input' })
