// Notify: makes a place show what is true. Sends the most urgent thing, waits out Slack's pace, and looks again until nothing is left.
//
// Nothing that Slack does throws. A message that comes back to the queue keeps its place silent for a minute: this tries again within seconds.
import { NOTIFY } from '../core/facts/queues.ts'
import type { Incident } from '../core/incident/incident.ts'
import { unanswered } from '../core/watchdog/heartbeat.ts'
import { adopted, UNTOLD, type Told } from '../core/notify/ledger.ts'
import { isQuiet, isTold, plan, type Plan } from '../core/notify/next-message.ts'
import { isNotice, noticesAt, type Notice } from '../core/notify/notices.ts'
import { inheritance, inherited, passingOn } from '../core/notify/passing-on.ts'
import { commonChannel, placesOf } from '../core/notify/places.ts'
import type { Rules } from '../core/services/rules.ts'
import type { Table } from '../ports/table.ts'
import { answer } from './heartbeat.ts'
import { loadSome, readIncident } from '../store/board.ts'
import { throughDoor } from '../store/door.ts'
import { openLedger, Overtaken, toldAtHome, unlink, type Ledger } from '../store/ledger/ledger.ts'
import { replacePlace } from './replace-place.ts'
import { NewerShape, placeOf, type Index, type Place } from '../store/pack.ts'
import { readIndex } from '../store/read-index.ts'
import { deliver, laneFreeAt, type Run, type Slice, type Step } from './telling.ts'

/** From the beginning of one attempt to that of the next. A request whose answer was lost may still arrive, so it is not looked for at once. */
const FIRST_RETRY_MS = 2_000
const LAST_RETRY_MS = 15_000

/** A longer wait is left to a timer: a run is paid for by the second. */
const LONGEST_WAIT_MS = 30_000

/** What is over and could not be told for so long is of no use to anybody. */
const FORGOTTEN_MS = 7 * 86_400_000

/**
 * Runs until the place shows everything, or until little time is left before `endsAt` (ms), and then asks for another run. The queue ensures one
 * run at a time for each place. `place`: unset in what versions up to 0.1.0 sent, which knew only one. Throws only if a newer Tocsin wrote the
 * table, or if it cannot ask for another run.
 */
export async function notify(runtime: Slice, place: string | undefined, endsAt: number): Promise<void> {
  const { clock, rules, notices, timers } = runtime
  const here = place ?? commonChannel(rules)
  const deadline = endsAt - NOTIFY.reserveSeconds * 1000
  const run: Run = { place: here, freeAt: { post: 0, edit: 0 }, behind: new Set(), othersEditing: 0 }
  const known = { ended: new Map(), learned: new Set<string>(), linked: new Set<string>() }
  for (let troubles = 0; ;) {
    const began = clock.now()
    const next = await step(runtime, run, known).catch((error: unknown) => failed(runtime, run, error))
    if (next.is === 'done') return
    troubles = next.is === 'trouble' ? troubles + 1 : 0
    if (next.is === 'trouble') {
      run.ledger = undefined
      known.ended.clear()
    }
    const at = next.is === 'trouble' ? began + retryAfter(troubles) : (next.at ?? began)
    if (at - clock.now() > LONGEST_WAIT_MS) return await timers.tell(here, at)
    const until = Math.min(at, deadline)
    if (until > clock.now()) await clock.sleep(until - clock.now())
    if (at > deadline) return await notices.changed(here)
  }
}

const retryAfter = (troubles: number): number => Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (troubles - 1))

function failed({ log }: Slice, { place }: Run, error: unknown): Step {
  if (error instanceof NewerShape) throw error
  const why = error instanceof Overtaken ? 'somebody else has written what it was told' : String(error)
  log('warn', 'a place could not be told; trying again', { place, why })
  return { is: 'trouble' }
}

/** Incidents that have left the index, as they were when they were read. */
type Ended = Map<string, Incident | undefined>

/** Incidents of which this run knows that nothing else was told before. */
type Learned = Set<string>

/** Does one thing. */
async function step(runtime: Slice, run: Run, known: Omit<Mine, 'run' | 'ledger'>): Promise<Step> {
  const read = await readIndex(runtime.table)
  // Somebody has deleted the index: what it knew is put together again by whoever writes next.
  if (read.rev === 0) return { is: 'done' }
  if (read.isTakenOver) {
    // So that what 0.1.0 had told is in the ledger.
    await throughDoor(runtime, { move: () => undefined })
    run.ledger = undefined
    return { is: 'again' }
  }
  if (finishedOf(runtime.table).get(run.place) === read.index) return { is: 'done' }
  const ledger = (run.ledger ??= await openLedger(runtime, run.place))
  const mine = { run, ledger, ...known }
  await announceHomes(runtime, mine, read.index)
  await replacePlace(runtime, run.place, ledger, read.index)
  const next = await whatNext(runtime, mine, read.index)
  const heartbeat = run.place === commonChannel(runtime.rules) ? unanswered(read.index.rest) : undefined
  if (heartbeat) {
    await answer(runtime, heartbeat)
    return { is: 'again' }
  }
  if (!next) {
    await closeEnded(runtime, mine, read.index)
    if ([...ledger.told.values()].every(({ home }) => home === undefined))
      finishedOf(runtime.table).set(run.place, read.index)
    return { is: 'done' }
  }
  const now = runtime.clock.now()
  const refusedUntil = ledger.state.refused?.until ?? 0
  if ('job' in next && refusedUntil <= now)
    return deliver(runtime, { run, ledger, job: next.job, read, ended: known.ended.get(next.job.of) })
  const at = Math.max(refusedUntil, 'job' in next ? now : now + next.waitMs)
  if (refusedUntil <= now && !('job' in next) && !next.isRefused) return { is: 'again', at }
  // What somebody has to mend is not waited for here: a timer comes back to it.
  await runtime.timers.tell(run.place, at)
  return { is: 'done' }
}

/** By table and place: the index of which a run of this process found that all is told. Only that of a line changes without the index. */
const finished = new WeakMap<Table, Map<string, Index>>()

function finishedOf(table: Table): Map<string, Index> {
  const known = finished.get(table) ?? new Map<string, Index>()
  finished.set(table, known)
  return known
}

interface Mine {
  run: Run
  ledger: Ledger
  ended: Ended
  learned: Learned
  /** Lines of which this run knows whether there is a message to link to. */
  linked: Set<string>
}

/** What comes next, as far as the index and the ledger can tell. */
async function whatNext(runtime: Slice, mine: Mine, index: Index): Promise<Plan | undefined> {
  const { rules, clock } = runtime
  const { run, ledger } = mine
  const here: Place[] = []
  for (const place of index.places.values())
    if (!isQuiet(place, ledger.told.get(place.id)) && placesOf(place, rules).includes(run.place)) here.push(place)
  const subjects = [...here, ...(await endedHere(runtime, mine, index))].map((place) => asSeenFrom(run.place, place))
  for (const subject of subjects) {
    if (isNew(subject, mine)) await learn(runtime, mine, subject)
    if (subject.places[0] !== run.place) await lookForHome(runtime, mine, subject)
  }
  const passing = await passOn(mine, subjects)
  const notices = noticesIn(index, run.place, rules)
  return plan(
    { subjects, notices, told: ledger.told, passing, behind: run.behind, freeAt: laneFreeAt(run, ledger) },
    clock.now(),
  )
}

const noticesIn = ({ rest, places }: Index, place: string, rules: Rules): Notice[] =>
  noticesAt(place, { ...rest, index: places }, commonChannel(rules))

/** The thread of a line has nothing but the calls of its team. */
function asSeenFrom(here: string, place: Place): Place {
  const line = place.places.indexOf(here)
  return line > 0 ? { ...place, news: place.lineCalls[line - 1]! } : place
}

/** Where there are lines, they link to the message as soon as there is one, or another one. */
async function announceHomes({ notices, table }: Slice, { ledger, run }: Mine, index: Index): Promise<void> {
  for (const { id: of, places } of index.places.values()) {
    if (places.length < 2 || places[0] !== run.place) continue
    const told = ledger.told.get(of)
    if (told?.ref === undefined || places.length - 1 <= (told.announced ?? 0)) continue
    const lines = places.slice(1)
    for (const line of lines) await unlink(table, line, of, told.ref)
    await Promise.all(lines.map((line) => notices.changed(line)))
    await ledger.save(of, { ...told, announced: lines.length })
  }
}

/** A line that was told before the message to which it links is edited. */
async function lookForHome({ table }: Slice, { ledger, linked }: Mine, { id, places }: Place): Promise<void> {
  const told = ledger.told.get(id)
  if (told?.ref === undefined || told.home || places.length === 0 || linked.has(id)) return
  linked.add(id)
  const home = await toldAtHome(table, { id, places: [...places] })
  if (home?.ref !== undefined) ledger.keep(id, { ...told, shown: 0 })
}

/** The message of an incident that was merged becomes the line of the one that goes on, once its thread is complete. */
async function passOn({ ledger, run }: Mine, subjects: readonly Place[]): Promise<ReadonlyMap<string, string>> {
  const passing = passingOn(subjects, ledger.told, run.place)
  for (const [from, to] of passing.ready) {
    const [one, other] = [ledger.told.get(from)!, ledger.told.get(to.id)]
    // If this dies in between, the other half is done the next time.
    if (other?.ref !== one.ref) await ledger.save(to.id, inheritance(one, other, to))
    await ledger.save(from, inherited(one))
  }
  return passing.waiting
}

/** Nothing is known of what was told of it, and nobody has looked. */
function isNew({ id, isHeld, digest }: Place, { ledger, learned }: Mine): boolean {
  const { ref, sending, isLost, sentAt } = ledger.told.get(id) ?? UNTOLD
  return !isHeld && digest === undefined && !learned.has(id) && ref === undefined && !sending && !isLost && !sentAt
}

/** It may have been told before it left the index, or by 0.1.0. */
async function learn({ table }: Slice, { ledger, learned }: Mine, { id, places }: Place): Promise<void> {
  learned.add(id)
  if (await ledger.bringBack(id)) return
  const old = places.length > 0 ? undefined : await loadSome(table, [id])
  const known = adopted(old?.board.incidents[id]?.slack, id)
  if (known) await ledger.save(id, { ...ledger.told.get(id), ...known })
}

/** Open work that the index does not know any more. */
async function endedHere(
  { table, clock }: Slice,
  { ledger: { told }, ended }: Mine,
  { places }: Index,
): Promise<Place[]> {
  const found: Place[] = []
  for (const [of, known] of told) {
    if (places.has(of) || isNotice(of)) continue
    if (!ended.has(of)) ended.set(of, await readIncident(table, of))
    const incident = ended.get(of)
    if (incident && !isForgotten(known, clock.now())) found.push(placeOf(incident, undefined))
  }
  return found
}

function isForgotten({ left, sending, sentAt }: Told, now: number): boolean {
  const since = left ?? Math.max(0, sending?.at ?? 0, ...Object.values(sentAt ?? {}))
  return since > 0 && now - since > FORGOTTEN_MS
}

/** What it changed last, as it left, is shown as well: whoever made that change said so before it was made. */
const isWhole = ({ ref, shown, final = 0 }: Told): boolean => ref === undefined || shown >= final

/** Work that is done, or of no use any more. */
async function closeEnded({ clock, log, rules }: Slice, { run, ledger, ended }: Mine, index: Index): Promise<void> {
  const now = clock.now()
  const { places } = index
  const notices = noticesIn(index, run.place, rules)
  for (const [of, told] of [...ledger.told]) {
    if (places.has(of)) continue
    const incident = ended.get(of)
    if (isNotice(of)) {
      if (!notices.some((notice) => notice.of === of)) await ledger.forget(of)
    } else if (incident && isTold(asSeenFrom(run.place, placeOf(incident, undefined)), told)) {
      if (isWhole(told) || isForgotten(told, now)) await ledger.close(of, now)
    } else if (isForgotten(told, now)) {
      log('error', 'the end of an incident was never told', { incident: of, place: run.place }, { Untold: 1 })
      await ledger.forget(of)
    }
  }
}
