// When a task or machine uses too much memory, and how far its limit may be raised.
import * as z from 'zod'
import { watching, type Watching } from '../parts/latency.ts'
import { health, type Health } from '../parts/verdict.ts'

const metric = (namespace: string, name: string) =>
  z
    .strictObject({ namespace: z.string().min(1).default(namespace), name: z.string().min(1).default(name) })
    .prefault({})

export interface Options extends Watching, Health {
  abovePercent: number
  spare: boolean
  raisePercent: number
  maxMiB?: number | undefined
  perTask: { namespace: string; name: string }
  perMachine: { namespace: string; name: string }
}

export const options = z.strictObject({
  abovePercent: z.number().int().min(10).max(100).default(70).describe('Less memory than this is left alone'),
  spare: z.boolean().default(true).describe('Starts another task first, so that there are never fewer than before'),
  raisePercent: z.number().int().min(5).max(200).default(50).describe('The limit grows by so much at a time'),
  maxMiB: z
    .number()
    .int()
    .min(64)
    .optional()
    .describe('And never above; without it, the limit stays and the largest is recycled'),
  perTask: metric('ECS/ContainerInsights', 'TaskMemoryUtilization').describe('Percent of memory, by TaskId'),
  perMachine: metric('CWAgent', 'mem_used_percent').describe('Percent of memory, by InstanceId'),
  ...watching,
  ...health,
})
