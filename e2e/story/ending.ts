// What must be true of the whole: nothing was denied that the product needs.
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
