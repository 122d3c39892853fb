// What a runbook needs of a service's target: asked by the config's check, by who may do what, and before it is proposed.
import type { Target } from '../services/config.ts'

/** One of the parts is enough; a runbook that needs none acts on whatever its options name. */
export const hasNeeded = (target: Target | undefined, needs: readonly (keyof Target)[]): boolean =>
  needs.length === 0 || needs.some((part) => target?.[part] !== undefined)

/** `target.ecs or target.ec2` */
export const needed = (needs: readonly (keyof Target)[]): string => needs.map((part) => `target.${part}`).join(' or ')
