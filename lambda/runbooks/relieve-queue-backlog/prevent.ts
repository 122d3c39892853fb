// Limits the length of a queue, so that a dead consumer cannot take the memory of all again. It keeps what the policy that applies now says.
import { count, messages, samePolicy, type Policy, type Prevention, type Queue } from '../../core/backlog.ts'
import type { Step, Tools } from '../runbook.ts'

export function preventStep(vhost: string, queue: Queue, { policy, base, previous }: Prevention): Step {
  const limit = Number(policy.definition['max-length'])
  const path = `/api/policies/${encodeURIComponent(vhost)}/${encodeURIComponent(policy.name)}`
  const put = `PUT ${path} ${JSON.stringify({ pattern: policy.pattern, definition: policy.definition, 'apply-to': policy.applyTo, priority: policy.priority })}`
  return {
    name: `Limit ${queue.name} to ${messages(limit)}`,
    calls: [put],
    touches: `publishers to ${queue.name}: at ${messages(limit)} the broker refuses theirs. Those that wait for confirms see it; those that do not lose the message${base ? `. The keys of the policy ${base.name} stay` : ''}`,
    async ready({ broker }) {
      if (samePolicy(await ours(broker, policy.name), policy)) return undefined
      const [now, policies] = await Promise.all([broker.queues(), broker.policies()])
      const applies = now.find(({ name }) => name === queue.name)?.policy
      const isSame =
        applies === base?.name &&
        (!base ||
          samePolicy(
            policies.find(({ name }) => name === base.name),
            base,
          ))
      return isSame ? undefined : `the policy of ${queue.name} is another one now (${applies ?? 'none'})`
    },
    async turn({ broker }) {
      if (!samePolicy(await ours(broker, policy.name), policy)) await broker.setPolicy(policy)
      return {
        done: `the policy ${policy.name} holds ${queue.name} at ${count(limit)}: new messages above it are refused`,
      }
    },
    undo: {
      name: `Take the limit off ${queue.name}`,
      calls: [previous ? `PUT ${path} (as it was)` : `DELETE ${path}`],
      touches: `the policy ${policy.name}`,
      async turn({ broker }) {
        await (previous ? broker.setPolicy(previous) : broker.deletePolicy(policy.name))
        return { done: previous ? `the policy ${policy.name} is as it was` : `the policy ${policy.name} is deleted` }
      },
    },
  }
}

const ours = async (broker: Tools['broker'], wanted: string): Promise<Policy | undefined> =>
  (await broker.policies()).find(({ name }) => name === wanted)
