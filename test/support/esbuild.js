// Stands in for esbuild in tests: the same, but since many stacks in many test files share functions, each is bundled once per worker.
import { buildSync as build } from '../../node_modules/esbuild/lib/main.js'

export * from '../../node_modules/esbuild/lib/main.js'

export function buildSync(options) {
  const key = JSON.stringify(options)
  const { bundles } = globalThis
  if (!bundles.has(key)) bundles.set(key, build(options))
  return bundles.get(key)
}
