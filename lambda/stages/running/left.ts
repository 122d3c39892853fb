// What a run has left to do: does one of it where somebody asked for that, and watches the rest until nothing is left.
import { findRun } from '../../core/remediate/runs.ts'
import { doingEnded, doingIs, leftIs, watchAgain, watchBegins } from '../../core/remediate/left.ts'
import type { Remainder } from '../../core/incident/run.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import type { Case, Leaves, LeftNow, Runbook, Turn } from '../../runbooks/runbook.ts'
import { look } from '../../store/board.ts'
import { aboutOf } from './looking.ts'
import { withinOf } from './pace.ts'
import { checkedTurn, hasFailed, tell, tried, type Execution } from './running.ts'

type Kept = Leaves<Record<string, unknown>, unknown>

interface Watching extends Execution {
  leaves: Kept
  about: Case<Record<string, unknown>>
  tools: Tools
}

/** What a run leaves as it ends. Undefined where its runbook leaves nothing. */
export async function leftNow(
  execution: Execution,
  { leaves, facts, about, tools }: { leaves: Kept | undefined; facts: unknown; about: Watching['about']; tools: Tools },
): Promise<{ now: LeftNow; about: unknown } | undefined> {
  if (!leaves) return undefined
  const needed = leaves.about(facts)
  const saw = await tried(execution, 'left', () => leaves.look(tools, about, needed, []))
  return { now: hasFailed(saw) ? notSeen(saw.failed) : saw, about: needed }
}

/** Nobody knows that nothing is left. */
const notSeen = (why: string): LeftNow => ({
  items: [{ id: 'unseen', text: `see what is left: it could not be looked at (${why})` }],
})

export async function watchLeft(execution: Execution, runbooks: ReadonlyMap<string, Runbook>): Promise<void> {
  const { runtime, journal, order } = execution
  const isWanted = await journal.step('left begins', () =>
    tell(execution, (draft) => watchBegins(draft, order.run, order.attempt)),
  )
  if (!isWanted) return
  const found = await look(runtime.table, (board) => findRun(board, order.run))
  const runbook = found && runbooks.get(found.run.runbook)
  if (!found || !runbook?.leaves) return
  const about = await journal.step('left about', () => aboutOf(runtime, found))
  const watching: Watching = {
    ...execution,
    leaves: runbook.leaves,
    about,
    tools: runtime.tools(about.target, runbook),
  }
  const kept = await journal.step('left kept', async () => found.run.left ?? null)
  if (!kept) return
  if (kept.doing) return doOne(watching, kept, kept.doing.id)
  await watch(watching)
}

/** Then the next execution watches. */
async function doOne(watching: Watching, { about: needed }: Remainder, id: string): Promise<void> {
  const { journal, order, leaves, about, tools } = watching
  const step = leaves.step(id, about, needed)
  const ended = (went: { text: string } | { failed: string }): Promise<void> =>
    journal.step('left ended', () => tell(watching, (draft) => doingEnded(draft, order.run, order.attempt, went)))
  let state: unknown
  let first: number | undefined
  for (let count = 1; ; count++) {
    const known = state
    const went = await tried(watching, `left do ${count}`, async () => {
      const at = watching.runtime.clock.now()
      const turn = await taken(async () => checkedTurn(await step.turn(tools, known)))
      if ('going' in turn) await tell(watching, (draft) => doingIs(draft, order.run, order.attempt, turn.going))
      return { turn, at }
    })
    if (hasFailed(went)) return ended({ failed: went.failed })
    const { turn, at } = went
    first ??= at
    if ('refused' in turn) return ended({ failed: turn.refused })
    if ('done' in turn) return ended({ text: turn.done })
    if (at - first > withinOf(step) * 1000) return ended({ failed: `not done within ${withinOf(step)} s` })
    state = turn.state
    await journal.wait(`left do ${count} wait`, Math.max(1, turn.againInSeconds, count / FREE_TURNS))
  }
}

/** Few enough that its turns fit into one execution. */
const FREE_TURNS = 100

async function taken(turn: () => Promise<Turn>): Promise<Turn | { refused: string }> {
  try {
    return await turn()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { refused: error.message }
  }
}

/** Well within the day after which Lambda ends an execution. */
const WATCHES_SECONDS = 72_000

/** Somebody mends it now, or tomorrow. */
const everySeconds = (elapsed: number): number => (elapsed < 1_800 ? 60 : elapsed < 21_600 ? 300 : 1_800)

/** It looks at once: something of it may just have been done. */
async function watch(watching: Watching): Promise<void> {
  const { journal, order } = watching
  let elapsed = 0
  for (let count = 1; elapsed < WATCHES_SECONDS; count++) {
    const went = await tried(watching, `left ${count}`, () => lookOnce(watching))
    if (!hasFailed(went) && !went.goesOn) return
    const seconds = everySeconds(elapsed)
    await journal.wait(`left ${count} wait`, seconds)
    elapsed += seconds
  }
  await journal.step('left again', () => tell(watching, (draft) => watchAgain(draft, order.run, order.attempt)))
}

/** Nothing is written where nothing has changed. */
async function lookOnce(watching: Watching): Promise<{ goesOn: boolean }> {
  const { runtime, order, leaves, about, tools } = watching
  const left = await look(runtime.table, (board) => findRun(board, order.run)?.run.left)
  if (left?.attempt !== order.attempt) return { goesOn: false }
  const now = await leaves.look(tools, about, left.about, left.items)
  if (now.ends === undefined && same(now.items, left.items)) return { goesOn: true }
  const withinSeconds = now.ends === undefined ? 0 : withinOf(leaves.step(now.ends, about, left.about))
  await tell(watching, (draft) => leftIs(draft, order.run, order.attempt, { ...now, withinSeconds }))
  return { goesOn: true }
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
