// Reads the user's config, TypeScript or JSON, and reports everything that is wrong with it.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkConfig, ConfigError } from '../lambda/config.ts'
import { OWN_MISTAKES } from '../lambda/runbooks/index.ts'
import type { Config } from '../lambda/core/services/config.ts'
import { DEFAULT_STACK } from '../lambda/core/facts/stack-name.ts'
import { reasonOf } from '../lambda/core/words/words.ts'

/** Something a person can fix: shown without a stack trace. */
export class UserError extends Error {
  override name = 'UserError'
}

export const DEFAULT_CONFIG = 'tocsin.config.ts'

/** Throws a `UserError` or a `ConfigError`. `complete` may fill in what a command does not need. */
export async function loadConfig(
  file: string,
  complete: (input: unknown) => unknown = (input) => input,
): Promise<Config> {
  // A rule that names such a runbook would be the second mistake.
  if (OWN_MISTAKES.length > 0) throw new ConfigError(OWN_MISTAKES, 'the folder runbooks')
  return checkConfig(
    complete(extname(file) === '.json' ? parseJson(await readText(file), file) : await importConfig(file)),
    file,
  )
}

async function importConfig(file: string): Promise<unknown> {
  await readText(file)
  if (!/^\.[cm]?[jt]s$/.test(extname(file)))
    throw new UserError(`${file} is neither TypeScript nor JSON: write a .ts or a .json file`)
  try {
    const loaded = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown }
    if (loaded.default === undefined)
      throw new UserError('it has no default export; write export default defineConfig({ … })')
    return loaded.default
  } catch (error) {
    throw new UserError(`${file} cannot be loaded: ${reasonOf(error)}`)
  }
}

/**
 * The stack that is asked for, else that of the config, else Tocsin. Throws like `loadConfig` if there is a config with a mistake: another stack must
 * not be taken for that one.
 */
export async function stackNamed(given: string | undefined, file = DEFAULT_CONFIG): Promise<string> {
  if (given !== undefined) return given
  return existsSync(file) ? (await loadConfig(file)).deploy.name : DEFAULT_STACK
}

export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${(error as Error).message}`)
  }
}

export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      throw new UserError(
        `there is no file ${file}${file === DEFAULT_CONFIG ? ' in this folder; name another one with --config FILE' : ''}`,
      )
    if (code === 'EISDIR') throw new UserError(`${file} is a folder, not a file`)
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`)
  }
}
