// Bundles a function and all it uses into one small file: what Lambda loads on a cold start, and what the benchmark measures.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
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

/** By entry. Several functions, and several stacks in a test, share the same source. */
const made = new Map<string, Bundle>()

function bundled(entry: string): Bundle {
  if (!made.has(entry)) makeAll(dirname(entry))
  const known = made.get(entry)
  if (!known) throw new Error(`esbuild made nothing of ${entry}`)
  return known
}

/** All entries in a folder at once: what they share is read once, which takes half the time. */
function makeAll(folder: string): void {
  const names = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const entryPoints = names.map((name) => join(folder, name))
  const { outputFiles = [] } = buildSync({ ...OPTIONS, entryPoints, outdir: '.', write: false })
  const contents = new Map(outputFiles.map((file) => [basename(file.path), file.contents]))
  for (const name of names) {
    const output = `${basename(name, '.ts')}.js`
    const [code, mapping] = [contents.get(output), contents.get(`${output}.map`)]
    if (code && mapping) made.set(join(folder, name), { code, mapping })
  }
}

function write(path: string, contents: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
}
