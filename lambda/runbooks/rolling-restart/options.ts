// How a rolling restart is done; runbooks that end with one take the same options.
import * as z from 'zod'
import { watching, type Watching } from '../parts/latency.ts'

export const restarting = {
  batchPercent: z.number().int().min(1).max(50).default(25).describe('Of all tasks or instances, at a time'),
  spare: z.boolean().default(true).describe('Starts one more batch first, so that there are never fewer than before'),
  ...watching,
}

export interface RestartOptions extends Watching {
  batchPercent: number
  spare: boolean
}
