// How much to add, and the cap.
import * as z from 'zod'
import { health, type Health } from '../parts/verdict.ts'

export interface Options extends Health {
  max: number
  byPercent: number
}

export const options = z.strictObject({
  max: z.number().int().min(1).max(5000).describe('Never more tasks or instances than this'),
  byPercent: z.number().int().min(1).max(200).default(50).describe('So much more at a time, at least one'),
  ...health,
})
