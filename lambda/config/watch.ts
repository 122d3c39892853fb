// Which alarms are made for a service: all recommended ones, or with thresholds of the user's own.
import * as z from 'zod'
import { THRESHOLDS, type ThresholdKey } from '../core/facts/thresholds.ts'
import { show } from './words.ts'

type Value = number | false

/** One check instead of a union of two, so that a mistake keeps its own key inside the union that `watch` is. */
function threshold({
  initial,
  least,
  most,
  means,
}: (typeof THRESHOLDS)[ThresholdKey]): z.ZodOptional<z.ZodType<Value, Value>> {
  const bounds = `from ${least} to ${most.toLocaleString('en')}`
  return z
    .unknown()
    .refine((value) => value === false || (typeof value === 'number' && value >= least && value <= most), {
      error: ({ input }) =>
        `is ${typeof input === 'number' ? input : show(input)}; write a number ${bounds}, or false to leave its alarms out`,
    })
    .meta({
      anyOf: [{ type: 'number', minimum: least, maximum: most }, { const: false }],
      description: `${means}. Default: ${initial}`,
    })
    .optional() as unknown as z.ZodOptional<z.ZodType<Value, Value>>
}

const thresholds = z.strictObject(
  Object.fromEntries(Object.entries(THRESHOLDS).map(([key, one]) => [key, threshold(one)])) as Record<
    ThresholdKey,
    ReturnType<typeof threshold>
  >,
)

export const watch = z.union([z.boolean(), thresholds], {
  error: 'must be true, false, or an object of thresholds like { diskUsedPercent: 85 }',
})
