// What is left to do once the queue is empty: bring its consumer back, send the messages back, take the limit off.
import { grouped, messages as inWords } from '../backlog.ts'
import { giveBackTurn } from '../back/turn.ts'
import { keptIn } from '../back/kept.ts'
import { leftIn } from '../back/progress.ts'
import { folderOf } from '../kept/kept.ts'
import type { Options } from '../options.ts'
import { Refused } from '../../../ports/tools.ts'
import type { BrokerPolicy, BrokerQueue } from '../../../ports/broker.ts'
import type { Case, Leaves, Leftover, Tools } from '../../runbook.ts'
import { lengthIn, sourceOf, type Facts } from './facts.ts'
import type { Prevention } from './limit.ts'
import { isOurs, liftTurn, policyPath } from './prevent.ts'

/** All that is needed later. */
export interface About {
  kind: 'rabbitmq'
  vhost: string
  queue: string
  prevention?: Pick<Prevention, 'policy' | 'previous'>
}

/** A queue that is short for so long does not need its limit any more. */
const SHORT_MS = 86_400_000
/** Of its limit. */
const SHORT_SHARE = 0.5

export const leaves: Leaves<Options, Facts, About> = {
  about: ({ vhost, queue, prevention }) => ({
    kind: 'rabbitmq',
    vhost,
    queue: queue.name,
    ...(prevention && {
      prevention: {
        policy: prevention.policy,
        ...(prevention.previous && { previous: prevention.previous }),
      },
    }),
  }),

  async look(tools, about, left, before) {
    const [queues, policies] = await Promise.all([tools.broker.queues(), tools.broker.policies()])
    const queue = queues.find(({ name }) => name === left.queue)
    const limit = limitLeft(left, policies, queue, { before, now: tools.now() })
    const kept = await messagesLeft(tools, about, left, queue)
    const items = [...(kept ? [kept] : []), ...(limit ? [limit.item] : [])]
    // What it did not touch is not its to name.
    if (items.length > 0 && queue?.consumers.length === 0) items.unshift(consumerLeft(left))
    return { items, ...(limit?.ends && { ends: limit.item.id }) }
  },

  step(id, about, left) {
    if (id === 'limit') return { turn: (tools) => liftTurn(tools, left.prevention!) }
    return { turn: (tools) => sendBack(tools, about, left), withinSeconds: SEND_SECONDS }
  },
}

/** At 2,000 a second, tens of millions; a queue that is full holds it up. */
const SEND_SECONDS = 43_200
const BLOCKED_SECONDS = 30

const consumerLeft = ({ queue }: About): Leftover => ({
  id: 'consumer',
  text: `bring a consumer of ${queue} back`,
})

async function messagesLeft(
  { evidence }: Tools,
  { run }: Case<Options>,
  { queue: name }: About,
  queue: BrokerQueue | undefined,
): Promise<Leftover | undefined> {
  const folder = folderOf(run, name)
  const keys = await evidence.list(folder)
  if (keys.length === 0) return undefined
  const { manifest, progress } = await keptIn(evidence, run, folder, keys)
  const count = leftIn(progress, manifest)
  if (count <= 0) return undefined
  const where = evidence.place(folder)
  const doubt = manifest.doubtful === 0 ? '' : `; a consumer may have had ${grouped(manifest.doubtful)} of them already`
  const item = {
    id: 'messages',
    text: `send ${inWords(count)} of ${name} back (in ${where}${doubt})`,
    command: `npx tocsin republish --run ${run}`,
  }
  // Without a consumer they would only pile up again; and what is in doubt takes somebody who knows whether twice does harm.
  if (!queue || queue.consumers.length === 0 || manifest.doubtful > 0) return item
  return {
    ...item,
    offer: {
      label: `Send ${grouped(count)} back`,
      question: `${inWords(count)} go from S3 to the end of ${name}, in the order they had, each once, at most 2,000 a second. The copies stay in S3. It pauses while the queue is full or the broker blocks publishers.`,
    },
  }
}

function limitLeft(
  { queue: name, vhost, prevention }: About,
  policies: readonly BrokerPolicy[],
  queue: BrokerQueue | undefined,
  { before, now }: { before: readonly Leftover[]; now: number },
): { item: Leftover; ends: boolean } | undefined {
  const set = prevention && policies.find((policy) => policy.name === prevention.policy.name)
  if (!set || !isOurs(set, prevention.policy)) return undefined
  const limit = lengthIn({ policy: set })
  const isShort = queue !== undefined && queue.ready < limit * SHORT_SHARE
  const since = isShort ? (before.find(({ id }) => id === 'limit')?.since ?? now) : undefined
  const item: Leftover = {
    id: 'limit',
    text: `take the limit off ${name} (new messages above ${grouped(limit)} are refused; it ends by itself once the queue was short for a day)`,
    command: prevention.previous
      ? `PUT ${policyPath(vhost, set.name)} as it was before`
      : `rabbitmqctl clear_policy -p ${vhost} ${set.name}`,
    offer: {
      label: 'Take the limit off',
      question: `The policy ${set.name} is ${prevention.previous ? 'set back to what it was' : 'deleted'}. ${name} takes all messages again${queue?.consumers.length === 0 ? ', and as it has no consumer, it fills without an end' : ''}. Nothing in it is lost.`,
    },
    ...(since !== undefined && { since }),
  }
  return { item, ends: since !== undefined && now - since >= SHORT_MS }
}

async function sendBack(tools: Tools, about: Case<Options>, { vhost, queue }: About) {
  const went = await giveBackTurn(tools, sourceOf({ vhost, queue: { name: queue } }, about))
  if ('held' in went && went.passes) return { going: `waits: ${went.held}`, againInSeconds: BLOCKED_SECONDS }
  if ('held' in went) throw new Refused(went.done)
  return went
}
