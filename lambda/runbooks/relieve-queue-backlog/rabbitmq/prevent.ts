// Limits the length of a queue, so that a dead consumer cannot take everybody's memory again. Keeps what the current policy says.
import { enumerate } from '../../../core/words/words.ts'
import { grouped, messages } from '../backlog.ts'
import { samePolicy, type Prevention } from './limit.ts'
import type { BrokerPolicy, BrokerQueue } from '../../../ports/broker.ts'
import type { Step, Tools, Turn } from '../../runbook.ts'

/** Time for the queue to apply the first half of the policy before the second: it takes milliseconds. */
const HALF_SECONDS = 5
const HALF = 'half'

export const policyPath = (vhost: string, policy: string): string =>
  `/api/policies/${encodeURIComponent(vhost)}/${encodeURIComponent(policy)}`

export function preventStep(vhost: string, queue: BrokerQueue, { policy, base, previous, beside }: Prevention): Step {
  const limit = Number(policy.definition['max-length'])
  const half = halfOf(policy, base)
  const path = policyPath(vhost, policy.name)
  return {
    name: `Limit ${queue.name} to ${messages(limit)}`,
    calls: [half, policy].map((one) => `PUT ${path} ${asSent(one)}`),
    touches: `publishers to ${queue.name}: at ${messages(limit)} the broker refuses theirs. Those that wait for confirms see it; those that do not lose the message${base ? `. The other keys of the policy ${base.name} stay` : ''}${besideWords(beside)}`,
    async ready({ broker }) {
      const [queues, policies] = await Promise.all([broker.queues(), broker.policies()])
      const applies = queues.find(({ name }) => name === queue.name)?.policy
      const now = policies.find(({ name }) => name === applies)
      // Our own, from before a crash.
      if (samePolicy(now, policy) || samePolicy(now, half)) return undefined
      if (applies === base?.name && (!base || samePolicy(now, base))) return undefined
      return `the policy of ${queue.name} is another one now (${applies ?? 'none'})`
    },
    async turn({ broker }, state) {
      const now = await called(broker, policy.name)
      // With both keys at once, a classic queue drops its oldest messages down to the limit before it learns to refuse new ones instead.
      if (state !== HALF) {
        if (!samePolicy(now, half) && !samePolicy(now, policy)) await broker.setPolicy(half)
        return { going: `${queue.name} drops nothing from now on`, againInSeconds: HALF_SECONDS, state: HALF }
      }
      if (!samePolicy(now, policy)) await broker.setPolicy(policy)
      return {
        done: `the policy ${policy.name} caps ${queue.name} at ${grouped(limit)}: new messages above it are refused`,
      }
    },
    undo: {
      name: `Take the limit off ${queue.name}`,
      calls: [previous ? `PUT ${path} ${asSent(previous)}` : `DELETE ${path}`],
      touches: `the policy ${policy.name}`,
      turn: (tools) => liftTurn(tools, { policy, ...(previous && { previous }) }),
    },
  }
}

export async function liftTurn(
  { broker }: Tools,
  { policy, previous }: Pick<Prevention, 'policy' | 'previous'>,
): Promise<Turn> {
  const now = await called(broker, policy.name)
  if (now && !isOurs(now, policy)) return { done: `the policy ${policy.name} stays: somebody has changed it since` }
  await (previous ? broker.setPolicy(previous) : broker.deletePolicy(policy.name))
  return { done: previous ? `the policy ${policy.name} is as it was` : `the policy ${policy.name} is deleted` }
}

/** As it was set, or with the higher limit that what is left may need. */
export const isOurs = (now: BrokerPolicy, policy: BrokerPolicy): boolean => {
  const any = ({ definition: { 'max-length': _, ...rest }, ...more }: BrokerPolicy): BrokerPolicy => ({
    ...more,
    definition: rest,
  })
  return samePolicy(any(now), any(policy))
}

const besideWords = (beside: readonly string[]): string =>
  beside.length === 0
    ? ''
    : `. Their exchange routes to ${enumerate(beside)} too: there a message arrives although it is refused here, so sending it again doubles it there`

/** Refuses already, and has no other limit yet than the one before. */
function halfOf(policy: BrokerPolicy, base: BrokerPolicy | undefined): BrokerPolicy {
  return { ...policy, definition: { ...base?.definition, overflow: policy.definition['overflow'] } }
}

const asSent = ({ pattern, definition, applyTo, priority }: BrokerPolicy): string =>
  JSON.stringify({ pattern, definition, 'apply-to': applyTo, priority })

const called = async (broker: Tools['broker'], wanted: string): Promise<BrokerPolicy | undefined> =>
  (await broker.policies()).find(({ name }) => name === wanted)
