// The list of benchmarks, and how one is run.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ColdFigures } from './cold/cold.ts'
import type { CostFigures } from './costs/costs.ts'
import type { EmbeddedFigures } from './embedded.ts'
import type { EngineFigures } from './engine.ts'
import type { PipelineFigures } from './pipeline.ts'
import type { ScaleFigures } from './scale.ts'

export interface Results {
  engine: EngineFigures
  pipeline: PipelineFigures[]
  scale: ScaleFigures
  embedded: EmbeddedFigures
  cold: ColdFigures
  costs: CostFigures
}

export type Part = keyof Results

export const PARTS = ['engine', 'pipeline', 'scale', 'embedded', 'cold', 'costs'] as const satisfies readonly Part[]

/** Throws if it ends without figures. Its progress goes to stderr. */
export function run<P extends Part>(part: P, quick: boolean): Promise<Results[P]> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./part.ts', import.meta.url)), [part, quick ? 'quick' : 'full'], {
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    let figures: Results[P] | undefined
    child.once('message', (message) => (figures = message as Results[P]))
    child.once('error', reject)
    child.once('exit', (code) => {
      if (figures !== undefined && code === 0) resolve(figures)
      else reject(new Error(`the benchmark "${part}" broke (exit code ${code})`))
    })
  })
}
