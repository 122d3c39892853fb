// Numbers of a world with their bounds, so that a typo is found before the drill.
import * as z from 'zod'

export const id = z.string().min(1).max(128)
export const text = z.string().min(1)
export const amount = z.number().min(0)
export const rate = z.number().min(0).max(100_000)
export const seconds = z.number().min(0).max(86_400)
export const percent = z.number().min(0).max(100)
/** MiB. Up to 64 TiB, the largest volume there is. */
export const size = z
  .number()
  .min(0)
  .max(64 * 1024 * 1024)

export const MIB = 1024 * 1024
