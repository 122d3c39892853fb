// Which document, under which role, with which parameters.
import * as z from 'zod'
import { health, type Health } from '../parts/verdict.ts'

interface FromAlarm {
  dimension: string
  allow: string
}

export interface Options extends Health {
  document: string
  assumeRole: string
  parameters: Record<string, string | string[]>
  fromAlarm: Record<string, FromAlarm>
  withinSeconds: number
}

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}

export const options = z.strictObject({
  document: z
    .string()
    // AWS: a document's name, or the ARN of one that another account shares.
    .regex(/^(arn:[\w-]+:ssm:[\w-]*:\d*:document\/)?[\w.-]{3,128}$/, 'is not the name of a document')
    .describe('Name of an Automation document, like AWS-RestartEC2Instance'),
  assumeRole: z
    .string()
    .regex(/^arn:[\w-]+:iam::\d{12}:role\/.+$/, 'is not an ARN of a role')
    .describe('The role under which the document acts: it may do what the document needs, Tocsin only starts it'),
  parameters: z
    .record(z.string(), z.union([z.string(), z.array(z.string())], 'must be a text, or a list of texts'))
    .default({}),
  fromAlarm: z
    .record(
      z.string(),
      z.strictObject({
        dimension: z.string().min(1).describe("A dimension of the alarm: its value becomes the parameter's"),
        allow: z.string().min(1).refine(isPattern, 'is not a regular expression').describe('It must match as a whole'),
      }),
    )
    .default({})
    .describe('Parameters from the alarm; what does not match is never passed on'),
  withinSeconds: z.number().int().min(60).max(43_200).default(1800),
  ...health,
})
