// Bundles a function and all it uses into one small file: what Lambda loads on a cold start, and what the benchmark measures.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { buildSync, type BuildOptions } from 'esbuild'

/** Lambda puts credentials into a function's environment: the SDK's code for other places is a quarter of its size and never loaded. */
const OTHER_CREDENTIALS = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
]

/** CommonJS starts faster than ES modules on Lambda's Node, and the SDK's module sources tree-shake better than its built ones. */
const OPTIONS: BuildOptions = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'error',
  sourcemap: 'external',
  sourcesContent: false,
  external: OTHER_CREDENTIALS,
}

/** `entry`: a TypeScript file; `map`: where its source map goes, if anywhere, separate from the bundle. Returns the bundle's size in bytes. */
export function bundle(entry: string, outfile: string, map?: string): number {
  const { code, mapping } = bundled(entry)
  write(outfile, code)
  if (map !== undefined) write(map, mapping)
  return code.length
}

interface Bundle {
  code: Uint8Array
  mapping: Uint8Array
}

/** Several functions, and several stacks in a test, share the same source. */
const made = new Map<string, Bundle>()

function bundled(entry: string): Bundle {
  const known = made.get(entry)
  if (known) return known
  const { outputFiles = [] } = buildSync({ ...OPTIONS, entryPoints: [entry], outfile: 'index.js', write: false })
  const code = outputFiles.find(({ path }) => path.endsWith('.js'))?.contents
  const mapping = outputFiles.find(({ path }) => path.endsWith('.map'))?.contents
  if (!code || !mapping) throw new Error(`esbuild made nothing of ${entry}`)
  made.set(entry, { code, mapping })
  return { code, mapping }
}

function write(path: string, contents: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
}
