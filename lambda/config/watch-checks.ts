// Mistakes in a `watch` that no single key shows: nothing to watch, or a place where no alarm can be made.
import { WATCHABLE } from '../core/facts/thresholds.ts'
import { list, within } from '../core/json.ts'
import { keyOf, type Mistake } from './words.ts'

export function watchMistakes(id: string, service: Record<string, unknown>): Mistake[] {
  const watch = service['watch']
  if (watch === undefined || watch === false) return []
  const target = within(service['target'])
  const problem = elsewhere(target) ?? nothing(service['target'], target)
  const key = keyOf(['services', id, 'watch'])
  return [...(problem === undefined ? [] : [{ key, problem }]), ...onPremises(id, target)]
}

/** CloudFormation makes alarms only in the account and region of its stack, and such alarms see only the metrics there. */
function elsewhere(target: Record<string, unknown>): string | undefined {
  const alternative =
    'leave watch out, and make the alarms where it lives: they are picked up as they are once that place forwards its alarms'
  if (target['role'] !== undefined)
    return `makes alarms in Tocsin's own account, and target.role says that the service lives in another one; ${alternative}`
  if (target['region'] !== undefined)
    return `makes alarms in Tocsin's own region, and target.region names one; leave target.region out if it is the same, else ${alternative}`
  return undefined
}

function nothing(given: unknown, target: Record<string, unknown>): string | undefined {
  if (given === undefined)
    return 'makes alarms for the resources in target, and there is no target; write one, like target: { sqs: { queue: "orders" } }'
  const kinds = Object.entries(WATCHABLE)
  if (kinds.some(([kind, needs]) => isNamed(within(target[kind]), needs))) return undefined
  const names = kinds.map(([kind, needs]) => `${kind}.${needs ?? 'instance'}`)
  return `finds nothing in target that CloudWatch has metrics for; write one of ${names.join(', ')}`
}

function isNamed(part: Record<string, unknown>, needs: string | undefined): boolean {
  if (needs === undefined) return part['instance'] !== undefined || part['cluster'] !== undefined
  return Array.isArray(part[needs]) ? list(part[needs]).length > 0 : part[needs] !== undefined
}

/** Systems Manager calls them `mi-…`; the CloudWatch agent on them does not know that name. */
function onPremises(id: string, target: Record<string, unknown>): Mistake[] {
  if (target['onPremises'] !== undefined) return []
  return list(within(target['ec2'])['instances']).flatMap((instance, place) =>
    typeof instance === 'string' && instance.startsWith('mi-')
      ? [
          {
            key: keyOf(['services', id, 'target', 'ec2', 'instances', place]),
            problem: `is a machine on premises, which reports its metrics under the name of its host; for its alarms write target.onPremises: { hosts: ["…"] } as well`,
          },
        ]
      : [],
  )
}
