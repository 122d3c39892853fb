// What is done to the queue: its messages are moved to S3, its length is limited, and what came meanwhile is moved too.
import { averageBytes, CHUNK, grouped, isAbove, messages, roundedUp, size, toRemove } from '../backlog.ts'
import { giveBackTurn } from '../back/turn.ts'
import { chunkKey, folderOf, manifestKey } from '../kept/kept.ts'
import type { Options } from '../options.ts'
import { copyTurn, COUNTED_SECONDS, countIn } from './copy.ts'
import { extentOf, lengthIn, SOME_MORE, sourceOf, type Facts } from './facts.ts'
import { preventStep } from './prevent.ts'
import type { Case, Step, Tools } from '../../runbook.ts'

export function steps(facts: Facts, about: Case<Options>): Step[] {
  const { vhost, queue, prevention: found } = facts
  if (!found) return [copyStep(facts, about)]
  return [copyStep(facts, about), preventStep(vhost, queue, found), restStep(facts, about, lengthIn(found))]
}

/** Messages above the limit still do harm, and a broker that restarts drops them: it applies the length before it refuses. */
function restStep(facts: Facts, about: Case<Options>, limit: number): Step {
  const { vhost, queue, most, place } = facts
  const where = `${vhost} ${queue.name}`
  return {
    name: `Move what is above the limit to S3`,
    calls: [
      `AMQP basic.consume ${where}, s3:PutObject ${place}…, AMQP basic.ack ${where} (as before, while more than ${grouped(limit)} are in the queue)`,
    ],
    touches: `what publishers have added to ${queue.name} above ${grouped(limit)} meanwhile, oldest first; no more than ${grouped(most)} in all`,
    withinSeconds: secondsFor(most),
    async turn(tools, state) {
      const { copied, count: before } = (state ?? {}) as Pass
      const again = { againInSeconds: COUNTED_SECONDS }
      // The broker's last count is from before the limit applied: publishers have added more since.
      if (state === undefined) return { going: 'waits until the broker has counted again', ...again, state: {} }
      const went = await copyTurn(tools, copied, sourceOf(facts, about), {
        ...extentOf(facts),
        keep: Math.max(facts.keep, limit),
        all: true,
      })
      if (!('done' in went)) return { ...went, state: { copied: went.state, count: before } }
      const now = countIn(went.state)
      if (now === before) return { ...went, done: await lifted(tools, facts, limit, now) }
      return {
        going: `${grouped(now)} messages are in S3; looks again`,
        ...again,
        state: { copied: went.state, count: now },
      }
    },
  }
}

/** A classic queue that is above its limit drops the rest when its broker restarts: where more is there than was approved, the limit makes room for it. */
async function lifted({ broker }: Tools, { queue, most, prevention: found }: Facts, limit: number, kept: number) {
  const now = (await broker.queues()).find(({ name }) => name === queue.name)
  const inAll = `in all, ${messages(kept)} are in S3`
  if (!now || now.ready <= limit) return `${queue.name} is not above ${grouped(limit)}; ${inAll}`
  const { policy } = found!
  const higher = roundedUp(now.ready * SOME_MORE)
  await broker.setPolicy({ ...policy, definition: { ...policy.definition, 'max-length': higher } })
  return `${queue.name} holds ${messages(now.ready)}${kept >= most ? `, and no more than ${grouped(most)} were approved to go` : ''}: its limit is ${grouped(higher)} instead; ${inAll}`
}

/** Done when another pass finds nothing more. `count`: all messages kept by the end of the previous pass. */
interface Pass {
  copied?: unknown
  count?: number
}

function copyStep(facts: Facts, about: Case<Options>): Step {
  const source = sourceOf(facts, about)
  const { queue, vhost, keep, most, level } = facts
  const folder = folderOf(source.run, source.queue)
  const goal = Math.min(most, toRemove(queue.ready, keep))
  const where = `${vhost} ${queue.name}`
  return {
    name: keep === 0 ? `Move the messages of ${queue.name} to S3` : `Move the oldest messages of ${queue.name} to S3`,
    calls: [
      `AMQP basic.consume ${where} (a few at a time, then basic.cancel)`,
      `s3:PutObject ${facts.place}${chunkKey('', 1)} … (at most ${grouped(CHUNK.messages)} messages or ${size(CHUNK.bytes)} each)`,
      `AMQP basic.ack ${where} (exactly the chunk, once its copy is stored and its checksum compared)`,
      `s3:PutObject ${facts.place}${manifestKey('')}`,
    ],
    touches: `${messages(goal)} of ${queue.name} (about ${size(goal * averageBytes(queue))})${keep === 0 ? '' : `, the oldest; the newest ${grouped(keep)} stay`}; no other queue`,
    async ready({ broker, evidence }) {
      // Begun before a crash: going on is always right.
      if ((await evidence.list(folder)).length > 0) return undefined
      const now = (await broker.queues()).find(({ name }) => name === queue.name)
      if (!now) return `the queue ${queue.name} is gone`
      return isAbove(now, level)
        ? undefined
        : `${queue.name} holds only ${messages(now.messages)} (${size(now.bytes)}) now`
    },
    turn: (tools, state) =>
      copyTurn(tools, state, source, { ...extentOf(facts), followed: facts.prevention !== undefined }),
    withinSeconds: secondsFor(goal),
    undo: {
      name: `Give the messages back to ${queue.name}`,
      calls: [`AMQP basic.publish ${where} (from S3, in order, each confirmed)`],
      touches: `all that was taken; nothing if ${queue.name} has no consumer by then, or the broker blocks publishers`,
      ifNoHelp: true,
      turn: (tools) => giveBackTurn(tools, source),
      withinSeconds: GIVE_BACK_SECONDS,
    },
  }
}

const SHORTEST_SECONDS = 900
const GIVE_BACK_SECONDS = 3_600
/** Far less than any broker and S3 manage together: a thousand or so a second is usual. */
const SLOWEST_PER_SECOND = 100
/** A run must end within a day. */
const LONGEST_SECONDS = 9 * 3_600

const secondsFor = (count: number): number =>
  Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, Math.ceil(count / SLOWEST_PER_SECOND)))
