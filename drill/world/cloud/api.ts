// One AWS service as this world plays it: actions by their documented names, answers in the SDK's shapes.
import { Refused } from '../../../lambda/ports/tools.ts'
import type { SimulatedWorld } from '../world.ts'

export type Input = Record<string, unknown>
/** By action. Throws `Refused` where AWS would answer with an error that a retry does not fix. */
export type Api = Record<string, (input: Input) => object>

export interface Place {
  world: SimulatedWorld
  /** ARN of a resource. */
  arn(service: string, resource: string): string
  /** A moment of the drill (in seconds) as the SDK returns it. */
  date(second: number): Date
  /** One page of a list; `most` is how many AWS gives at most. */
  page<T>(all: readonly T[], token: string | undefined, most: number): { items: T[]; next?: string }
}

/** AWS may always give fewer items in a page than it could: `pageMost` makes it so. */
export const placeOf = (world: SimulatedWorld, pageMost = Infinity): Place => ({
  world,
  arn: (service, resource) => `arn:aws:${service}:${world.plan.region}:${world.plan.account}:${resource}`,
  date: (second) => new Date(Date.parse(world.plan.start) + second * 1000),
  page(all, token, most) {
    const from = Number(token ?? 0)
    const end = from + Math.min(most, pageMost)
    return { items: all.slice(from, end), ...(end < all.length && { next: String(end) }) }
  },
})

export const text = (input: Input, key: string): string => {
  const value = input[key]
  if (typeof value !== 'string' || value === '') throw new Refused(`${key} is missing in the request`)
  return value
}
export const optional = (input: Input, key: string): string | undefined =>
  typeof input[key] === 'string' ? input[key] : undefined
export const number = (input: Input, key: string): number | undefined =>
  typeof input[key] === 'number' ? input[key] : undefined
export const texts = (input: Input, key: string): string[] => (Array.isArray(input[key]) ? input[key].map(String) : [])
export const records = (input: Input, key: string): Input[] =>
  Array.isArray(input[key]) ? (input[key] as Input[]) : []
/** The last part of a name or an ARN. */
export const lastOf = (name: string): string => name.split('/').at(-1)!
