// What may import what: the arrows of the design.
import { filesIn } from './sources.ts'

export type Place =
  | 'bin'
  | 'lib'
  | 'core'
  | 'adapters'
  | 'entry'
  | 'runtime'
  | 'environment'
  | 'config'
  | 'ports'
  | 'store'
  | 'stages'
  | 'runbooks'
  | 'replay'
  | 'drill'
  | 'local'
  | 'bench'
  | 'check'
  | 'e2e'
  | 'user config'

export function placeOf(file: string): Place {
  const [top, second] = file.split('/')
  if (top === 'tocsin.config.ts') return 'user config'
  return (top === 'lambda' ? second!.replace('.ts', '') : top) as Place
}

/** Other places, places from which only types may be imported, and packages by name (an entry ending in / or : is a prefix). */
export const ALLOWED: Record<Place, { places: Place[]; types?: Place[]; packages: string[] }> = {
  // The schema of a target gives its type; the schema itself is not there when the core runs.
  core: { places: ['core'], types: ['config'], packages: ['node:crypto', '@date-fns/tz'] },
  ports: { places: ['ports', 'core'], packages: [] },
  store: { places: ['store', 'ports', 'core'], packages: [] },
  stages: { places: ['stages', 'store', 'core', 'ports', 'runbooks'], packages: [] },
  runbooks: { places: ['runbooks', 'ports', 'core'], packages: ['zod', 'node:crypto', 'node:fs', 'node:url'] },
  config: { places: ['config', 'core', 'runbooks'], packages: ['zod', 'fastest-levenshtein'] },
  environment: { places: ['core'], packages: ['node:fs', 'node:path'] },
  adapters: {
    places: ['ports', 'core', 'adapters'],
    packages: [
      '@aws-sdk/',
      '@slack/web-api',
      'aws4fetch',
      'node:crypto',
      'node:zlib',
      'amqplib',
      'node:timers/promises',
    ],
  },
  runtime: { places: ['adapters', 'core', 'ports', 'environment'], packages: [] },
  entry: {
    places: ['entry', 'stages', 'runtime', 'ports', 'runbooks'],
    packages: ['aws-lambda', '@aws/durable-execution-sdk-js'],
  },
  lib: {
    places: ['lib', 'core', 'runbooks'],
    packages: ['aws-cdk-lib', 'aws-cdk-lib/', 'cdk-nag', 'constructs', 'esbuild', 'node:'],
  },
  replay: { places: ['replay', 'stages', 'store', 'core', 'ports'], packages: ['node:'] },
  drill: {
    places: ['drill', 'replay', 'runbooks', 'stages', 'store', 'core', 'ports', 'config'],
    packages: ['zod', 'node:'],
  },
  // The command line reads the board as the functions do, and talks to AWS and Slack for a person.
  bin: {
    places: ['bin', 'lib', 'replay', 'drill', 'config', 'core', 'runbooks', 'stages', 'store', 'adapters', 'ports'],
    packages: ['aws-cdk-lib', '@aws-sdk/', '@slack/web-api', '@inquirer/prompts', 'node:'],
  },
  local: {
    places: [
      'local',
      'drill',
      'replay',
      'runbooks',
      'entry',
      'runtime',
      'stages',
      'store',
      'core',
      'ports',
      'config',
      'user config',
    ],
    packages: [
      '@aws-sdk/',
      '@aws/',
      '@slack/',
      'aws-lambda',
      'dynalite',
      'fauxqs',
      'esbuild',
      'react',
      'react/',
      'react-dom',
      'react-dom/',
      'slack-blocks-to-jsx',
      'node:',
    ],
  },
  bench: {
    places: [
      'bench',
      'local',
      'lib',
      'replay',
      'stages',
      'store',
      'core',
      'ports',
      'config',
      'user config',
      'adapters',
      'runtime',
    ],
    packages: ['@aws-sdk/', 'aws-cdk-lib', 'aws-cdk-lib/', 'node:'],
  },
  // From outside: commands, the SDK, the fake Slack. Runbooks also run in their stage alone, on a real broker and a board in memory.
  e2e: {
    places: [
      'e2e',
      'local',
      'lib',
      'replay',
      'drill',
      'user config',
      'stages',
      'store',
      'core',
      'ports',
      'runbooks',
      'config',
      'adapters',
    ],
    packages: ['@aws-sdk/', 'aws4fetch', 'amqplib', 'fauxqs', 'node:'],
  },
  // What npm test and npm run check are made of: tools, nothing from the product.
  check: { places: ['check'], packages: ['eslint', 'typescript', 'jest', '@jest/', 'node:'] },
  'user config': { places: ['config'], packages: [] },
}

export const FILES = filesIn('bin', 'lib', 'lambda', 'replay', 'drill', 'local', 'bench', 'check', 'e2e')
