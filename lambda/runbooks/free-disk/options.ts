// How much room is enough, and what may be done for it.
import * as z from 'zod'
import { health, type Health } from '../parts/verdict.ts'

export interface Options extends Health {
  freePercent: number
  olderThanMinutes: number
  growPercent: number
  maxGiB?: number | undefined
}

export const options = z.strictObject({
  freePercent: z.number().int().min(1).max(90).default(20).describe('So much must be free'),
  olderThanMinutes: z.number().int().min(1).max(525_600).default(60).describe('Files that were written to since stay'),
  // RDS: storage grows by at least 10 %.
  growPercent: z.number().int().min(10).max(200).default(25).describe('A disk grows by so much at a time'),
  maxGiB: z.number().int().min(1).max(65_536).optional().describe('And never above; without it, no disk grows'),
  ...health,
})
