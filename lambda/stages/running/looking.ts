// A run looks: first to say what it would do, and again right before it acts. It may act only on what was approved.
import { nameOutside, NO_SCOPE } from '../../core/incident/run.ts'
import { begin, finish, seen, type Seen } from '../../core/remediate/progress.ts'
import { ruleOf } from '../../core/remediate/propose.ts'
import { findRun, type Found } from '../../core/remediate/runs.ts'
import { whyAskAgain } from '../../core/remediate/scope.ts'
import { callersOf } from '../../core/services/callers.ts'
import { Refused } from '../../ports/tools.ts'
import type { Case, Runbook } from '../../runbooks/runbook.ts'
import { look } from '../../store/board.ts'
import { readAlarms } from '../../store/records.ts'
import { mostSeconds, whyTooLong } from './pace.ts'
import { hasFailed, tell, tried, type Execution, type Slice } from './running.ts'

type Runbooks = ReadonlyMap<string, Runbook>
type About = Case<Record<string, unknown>>

export interface Begun {
  runbook: string
  about: About
  facts: unknown
}

type Looked = Begun & { seen: Seen; mostSeconds: number }

/** Nothing may be done, and people learn why. */
const stopped = (why: string): Seen => ({ found: '', stop: why, steps: [], lock: '', scope: NO_SCOPE })

export async function lookFirst(execution: Execution, runbooks: Runbooks): Promise<void> {
  const { run, attempt } = execution.order
  const propose = (look: Seen): Promise<void> => tell(execution, (draft) => seen(draft, run, attempt, look))
  const went = await tried(execution, 'look', async () => {
    const looked = await lookAt(execution.runtime, runbooks, run)
    if (looked) await propose(looked.seen)
    return {}
  })
  if (hasFailed(went))
    await execution.journal.step('look ended', () => propose(stopped(`it could not look: ${went.failed}`)))
}

/** Looks again right before the first step, and takes the lock. Undefined if nothing may be done; the board says why. */
export async function beginRun(execution: Execution, runbooks: Runbooks): Promise<Begun | undefined> {
  const { run, attempt } = execution.order
  const begins = (look: Seen, seconds = 0): Promise<boolean> =>
    tell(execution, (draft) => begin(draft, run, { attempt, look, mostSeconds: seconds }))
  const went = await tried(execution, 'begin', async (): Promise<{ begun?: Begun }> => {
    const looked = await lookAt(execution.runtime, runbooks, run, true)
    if (!looked || !(await begins(looked.seen, looked.mostSeconds))) return {}
    const { runbook, about, facts, seen: look } = looked
    // It had begun before its answer got lost, and this look, which a retry made anew, is not about what was approved.
    const why = look.stop ?? look.again ?? whyAskAgain(about.approved, look)
    if (why === undefined) return { begun: { runbook, about, facts } }
    await tell(execution, (draft) => finish(draft, run, { ok: false, text: `nothing was done: ${why}` }))
    return {}
  })
  if (!hasFailed(went)) return went.begun
  const why = `it could not look: ${went.failed}`
  await execution.journal.step('begin ended', async () => {
    // It may have taken the lock, and only the answer got lost.
    if (await begins(stopped(why))) await tell(execution, (draft) => finish(draft, run, { ok: false, text: why }))
  })
  return undefined
}

/** `acts`: about what was approved, and nothing else. */
async function lookAt(runtime: Slice, runbooks: Runbooks, id: string, acts = false): Promise<Looked | undefined> {
  const found = await look(runtime.table, (board) => findRun(board, id))
  const runbook = found && runbooks.get(found.run.runbook)
  if (!found || !runbook) return undefined
  const about = await aboutOf(runtime, found)
  const approved = acts ? found.run.plan?.scope : undefined
  const looked = await lookOnce(runtime, runbook, { ...about, ...(approved && { approved }) })
  if (!acts || looked.seen.stop === undefined) return looked
  // What was approved is over; if something else can be done by now, people are asked about that.
  const other = await lookOnce(runtime, runbook, about)
  return other.seen.stop === undefined ? { ...other, seen: { ...other.seen, again: looked.seen.stop } } : looked
}

export async function aboutOf(runtime: Slice, { run, incident }: Found): Promise<About> {
  const { rules } = runtime
  const member = incident.services[run.service] ?? {}
  const lead = Object.values(member).sort((a, b) => a.from - b.from)[0]?.lead
  const alarm = lead === undefined ? undefined : (await readAlarms(runtime.table, [lead])).get(lead)
  return {
    run: nameOutside(run),
    service: run.service,
    target: rules.service(run.service).target ?? {},
    options: ruleOf(run, rules)?.with ?? {},
    callers: callersOf(rules.config.services, run.service),
    since: run.approvedAt ?? run.createdAt,
    signals: Object.entries(member).flatMap(([signal, { firing }]) => (firing > 0 ? [signal as 'disk'] : [])),
    alarm: { name: alarm?.name ?? '', dimensions: alarm?.dimensions ?? {} },
  }
}

async function lookOnce(runtime: Slice, runbook: Runbook, about: About): Promise<Looked> {
  const lock = runbook.lock(about.target)
  const nothing = { runbook: runbook.name, about, facts: undefined, mostSeconds: 0 }
  try {
    const looked = await runbook.look(runtime.tools(about.target, runbook), about)
    const { found, facts, scope = NO_SCOPE, needs } = looked
    const steps = looked.stop === undefined ? runbook.steps(facts, about) : []
    const seconds = mostSeconds(runbook, steps)
    const stop = looked.stop ?? whyTooLong(seconds, steps.length)
    const planned = steps.map(({ name, touches, calls, undo }) => ({
      name,
      touches,
      calls,
      ...(undo && { back: `${undo.name}: ${undo.touches}` }),
    }))
    return {
      ...nothing,
      facts,
      mostSeconds: seconds,
      seen: { found, steps: planned, lock, scope, ...(needs && { needs }), ...(stop !== undefined && { stop }) },
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { ...nothing, seen: { ...stopped(`it could not look: ${error.message}`), lock } }
  }
}
