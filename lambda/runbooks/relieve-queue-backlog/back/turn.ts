// Gives back what was taken in vain: live messages to consumers who still work. Without any, or while publishers are blocked, they would only do harm again.
import { folderOf, type Source } from '../kept/kept.ts'
import { messages as inWords } from '../backlog.ts'
import { keptIn } from './kept.ts'
import { rabbitmqOutlet } from './outlet.ts'
import { leftIn, type Progress } from './progress.ts'
import { send, settled } from './send.ts'
import type { Tools, Turn } from '../../runbook.ts'

const PER_SECOND = 2_000
/** So many seconds' worth in a turn. */
const TURN_SECONDS = 40
const GIVE_UP_MS = 20_000
const AGAIN_SECONDS = 10

const BLOCKED = 'the broker blocks publishers'

/** `held`: why the rest was not sent; `passes`: that may change by itself. */
export async function giveBackTurn(
  tools: Tools,
  { run, queue }: Source,
): Promise<Turn | (Turn & { done: string; held: string; passes: boolean })> {
  const folder = folderOf(run, queue)
  const { broker, evidence } = tools
  const kept = await keptIn(evidence, run, folder, await evidence.list(folder))
  const { count, doubtful } = kept.manifest
  if (count === 0) return { done: 'nothing was taken' }
  const [queues, nodes] = await Promise.all([broker.queues(), broker.nodes()])
  const consumers = queues.find(({ name }) => name === queue)?.consumers.length ?? 0
  const why =
    (doubtful > 0 ? `a consumer may have had ${inWords(doubtful)} of them already` : undefined) ??
    (consumers === 0 ? `${queue} has no consumer` : undefined) ??
    (nodes.some(({ blocked }) => blocked) ? BLOCKED : undefined)
  if (why !== undefined) {
    const { back, uncertain } = countsOf(kept.progress)
    const some = back > 0 ? `${inWords(back)} are back in ${queue}, ` : ''
    const rest = `${inWords(count - back - uncertain)} stay in ${evidence.place(folder)}, because ${why}`
    return {
      held: why,
      passes: why === BLOCKED,
      done: `${some}${rest}: npx tocsin republish --run ${run} sends them back${uncertainWords(uncertain, run)}`,
    }
  }
  const outlet = rabbitmqOutlet(broker, queue)
  const from = await settled({ evidence, outlet }, kept, false)
  const clock = { now: () => tools.now(), sleep: (ms: number) => tools.pause(ms / 1000) }
  const limit = PER_SECOND * TURN_SECONDS
  const sending = { evidence, outlet, clock, perSecond: PER_SECOND, limit, giveUpMs: GIVE_UP_MS, tell: () => undefined }
  const { progress, why: full } = await send(sending, kept, from)
  const left = leftIn(progress, kept.manifest)
  const { back, uncertain } = countsOf(progress)
  if (left > 0) {
    const waits = full === undefined ? '' : `; ${full}`
    return { going: `${inWords(back)} of ${inWords(count)} are back${waits}`, againInSeconds: full ? AGAIN_SECONDS : 1 }
  }
  return { done: `${inWords(back)} are back in ${queue}${uncertainWords(uncertain, run)}` }
}

/** How many certainly are in the queue again, and of how many nobody knows. */
function countsOf({ done, unsent, open, uncertain }: Progress): { back: number; uncertain: number } {
  const unknown = open.length + uncertain.length
  return { back: done - unsent.length - unknown, uncertain: unknown }
}

const uncertainWords = (count: number, run: string): string =>
  count === 0
    ? ''
    : `; nobody knows whether ${inWords(count)} more arrived: npx tocsin republish --run ${run} --uncertain send sends them too`
