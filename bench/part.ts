// One benchmark in a process of its own: what another compiled, allocated or left open affects no figure. Started by bench.ts.
import { PARTS, type Part, type Results } from './parts.ts'
import type { Options } from './measure.ts'

const [name, size] = process.argv.slice(2)
const options: Options = {
  quick: size === 'quick',
  progress: (text) => void process.stderr.write(`  ${text}\n`),
}
const part = PARTS.find((known) => known === name)
if (!part || !process.send) throw new Error('start this with npm run bench')
// Nobody is left to tell.
process.once('disconnect', () => process.exit(1))
process.send(await measure(part, options), () => process.exit(0))

async function measure(of: Part, options: Options): Promise<Results[Part]> {
  switch (of) {
    case 'engine':
      return (await import('./engine.ts')).measure(options)
    case 'pipeline':
      return (await import('./pipeline.ts')).measure(options)
    case 'scale':
      return (await import('./scale.ts')).measure(options)
    case 'embedded':
      return (await import('./embedded.ts')).measure(options)
    case 'cold':
      return (await import('./cold/cold.ts')).measure(options)
    case 'costs':
      return (await import('./costs/costs.ts')).measure(options)
    default:
      return of satisfies never
  }
}
