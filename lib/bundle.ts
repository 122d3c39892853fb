// Makes one small file of a function and all that it uses: what Lambda loads on a cold start, and what the benchmark measures.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { buildSync, type BuildOptions } from 'esbuild'

/** CommonJS starts faster than ES modules on Lambda's Node, and the SDK's module sources shake out better than its built ones. */
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
}

/** `entry`: a TypeScript file; `map`: where its source map goes, apart from the bundle, if anywhere. Returns the size of the bundle in bytes. */
export function bundle(entry: string, outfile: string, map?: string): number {
  const { outputFiles = [] } = buildSync({ ...OPTIONS, entryPoints: [entry], outfile, write: false })
  const file = outputFiles.find(({ path }) => path === outfile)
  const mapping = outputFiles.find(({ path }) => path === `${outfile}.map`)
  if (!file || !mapping) throw new Error(`esbuild made nothing of ${entry}`)
  write(outfile, file.contents)
  if (map !== undefined) write(map, mapping.contents)
  return file.contents.length
}

function write(path: string, contents: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
}
