// What must hold for the whole: nothing that the product needs was denied.
import { same, type Step } from '../support/steps.ts'
import type { World } from './world.ts'

export const ending: Step<World>[] = [
  {
    does: 'no function was refused anything that it asked of AWS',
    async run({ ministack }) {
      const refused = ministack
        .log()
        .split('\n')
        .filter((line) => line.includes('[policies]'))
      same('refused', refused, [])
    },
  },
]
