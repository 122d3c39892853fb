// The environment of a test file: Node's, with plain globals, and with what is too slow to start again for each file.
import { createRequire } from 'node:module'
import vm from 'node:vm'
import { TestEnvironment } from 'jest-environment-node'

// Jest gives each test file modules of its own. What is required here is outside of them: loaded once per worker.
const fromCdk = createRequire(createRequire(import.meta.url).resolve('aws-cdk-lib'))

/** Engines by their configuration. */
const engines = new Map()

/** CDK's template validator: its engine takes seconds to start, and keeps no state from what it has validated. */
function templateValidator() {
  const validator = fromCdk('@aws/cloudformation-validate')
  class CompositeEngine {
    constructor(config) {
      const key = JSON.stringify(config)
      if (!engines.has(key)) engines.set(key, new validator.CompositeEngine(config))
      return engines.get(key)
    }
  }
  return { ...validator, CompositeEngine }
}

/** What esbuild made in this run; the next one, with `--watch`, has other sources. */
let run
let bundles

/** Jest looks up every global through a proxy, each `Math` and each `Map`: loops take several times as long. */
function withPlainGlobals(make) {
  const { createContext } = vm
  vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY)
  try {
    return make()
  } finally {
    vm.createContext = createContext
  }
}

export default class Environment extends TestEnvironment {
  constructor(config, context) {
    withPlainGlobals(() => super(config, context))
    const { seed } = config.globalConfig
    if (seed !== run) [run, bundles] = [seed, new Map()]
    Object.assign(this.global, { templateValidator, bundles })
  }
}
