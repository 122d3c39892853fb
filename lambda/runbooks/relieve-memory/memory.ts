// Which task or machine uses too much memory, and whether more memory or a fresh start is the answer.

/** `percent`: of its limit; undefined if nothing measures it. */
export interface User {
  id: string
  percent?: number | undefined
  /** Ms. */
  since?: number
}

/** The one that uses most; if nothing is measured, the one that has run longest: a leak grows with age. */
export function largest(users: readonly User[]): User | undefined {
  const measured = users.filter(({ percent }) => percent !== undefined)
  if (measured.length > 0) return [...measured].sort((a, b) => b.percent! - a.percent!)[0]
  return [...users].filter(({ since }) => since !== undefined).sort((a, b) => a.since! - b.since!)[0]
}

/** If even the smallest is above, it is not one of them leaking: all need more. */
export const allNeedMore = (users: readonly User[], abovePercent: number): boolean =>
  users.length > 0 && users.every(({ percent }) => percent !== undefined && percent >= abovePercent)

/** Fargate: for each CPU size, the least, the most and the step of memory in MiB. Source: "Task CPU and memory" of the ECS guide. */
const FARGATE: Record<string, [number, number, number]> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
  8192: [16_384, 61_440, 4096],
  16384: [32_768, 122_880, 8192],
}

/** The next limit in MiB; unchanged once it is at the cap, or at the most that Fargate has for this CPU. */
export function raised(mib: number, byPercent: number, mostMib: number, fargateCpu?: string): number {
  const wanted = Math.min(mostMib, Math.ceil(mib * (1 + byPercent / 100)))
  const sizes = fargateCpu === undefined ? undefined : FARGATE[fargateCpu]
  if (!sizes) return Math.max(mib, wanted)
  const [least, most, step] = sizes
  const up = least + Math.ceil((wanted - least) / step) * step
  const next = up <= mostMib ? up : up - step
  // With 256 CPU units there are 512, 1024 and 2048 MiB, and nothing between the last two.
  const known = fargateCpu === '256' && next === 1536 ? (mostMib >= 2048 ? 2048 : 1024) : next
  return Math.max(mib, Math.min(most, known))
}
