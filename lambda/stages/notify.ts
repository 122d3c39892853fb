// Notify: makes a place show what is true. Sends the most urgent thing, waits out Slack's pace, and looks again until nothing is left.
//
// Nothing that Slack does throws. A message that comes back to the queue keeps its place silent for minutes: this tries again within seconds.
import { causesOf } from '../core/correlate/cause.ts'
import { NOTIFY } from '../core/facts/queues.ts'
import { incidentOf } from '../core/incident/board.ts'
import type { Incident } from '../core/incident/incident.ts'
import { unanswered } from '../core/watchdog/heartbeat.ts'
import { shownAlarms } from '../core/notify/slack/alarms-text.ts'
import type { Message } from '../core/notify/slack/blocks.ts'
import { peopleFor } from '../core/escalate/escalation.ts'
import { renderHistory, renderUnreadable } from '../core/notify/slack/history.ts'
import { render } from '../core/notify/slack/message.ts'
import { adopted, refusedAgain, UNTOLD, type Intent, type KeptByOld, type Told } from '../core/notify/ledger.ts'
import { EDIT_MS, isTold, PACE_MS, plan, unreadableId, type Job, type Plan } from '../core/notify/next-message.ts'
import { homeOf, placesOf } from '../core/notify/places.ts'
import { about, countsOf } from '../core/notify/counts.ts'
import { answer } from './heartbeat.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Search, Sent, Trouble, Where } from '../ports/slack.ts'
import { load, readIncident, type Choice, type Loaded } from '../store/board.ts'
import type { DoorSlice } from '../store/door.ts'
import { readEditing, sayEditing } from '../store/ledger/edits.ts'
import { openLedger, Overtaken, type Ledger } from '../store/ledger/ledger.ts'
import { NewerShape, placeOf, type Index, type Place } from '../store/pack.ts'
import { readIndex, type Read } from '../store/read-index.ts'
import { readEntries } from '../store/story.ts'
import { readAlarms } from '../store/records.ts'

type Slice = DoorSlice & Pick<Runtime, 'chat' | 'probe'>

/** A message whose answer was lost is looked for from a little before it was sent: clocks differ. */
const LOOK_BACK_MS = 60_000

/** From the beginning of one attempt to that of the next. A request whose answer was lost may still arrive, so it is not looked for at once. */
const FIRST_RETRY_MS = 2_000
const LAST_RETRY_MS = 15_000

/** What is over and could not be told for so long is of no use to anybody. */
const FORGOTTEN_MS = 7 * 86_400_000

/** Edits that are no further apart than this come one after the other; and for how long a place then says that it makes some. */
const EDITING_GAP_MS = 10_000
const EDITING_AHEAD_MS = 20_000

/** What one run knows beside the ledger. */
interface Run {
  place: string
  ledger?: Ledger | undefined
  /** When Slack lets us call again, in ms. */
  freeAt: { post: number; edit: number }
  /** Incidents that have left the index, as they were: they do not change any more. */
  ended: Map<string, Incident | undefined>
  /** What was refused before it was sent: there is nothing to look for. */
  unsent: Set<string>
  /** How many other places make edits as well. */
  othersEditing: number
}

/** `again`: at once, or at a time in ms. `trouble`: Slack or the table cannot be reached. */
type Step = { is: 'done' } | { is: 'again'; at?: number } | { is: 'trouble'; reason: string }

/**
 * Runs until the place shows everything, or until little time is left before `endsAt` (ms), and then asks for another run. The queue ensures one
 * run at a time for each place. `place`: unset in what versions up to 0.1.0 sent, which knew only one. Throws only if a newer Tocsin wrote the table, or if it cannot ask for another run.
 */
export async function notify(runtime: Slice, place: string | undefined, endsAt: number): Promise<void> {
  const { clock, rules } = runtime
  const here = place ?? homeOf(rules)
  const deadline = endsAt - NOTIFY.reserveSeconds * 1000
  const run: Run = {
    place: here,
    freeAt: { post: 0, edit: 0 },
    ended: new Map(),
    unsent: new Set(),
    othersEditing: 0,
  }
  for (let troubles = 0; ;) {
    const began = clock.now()
    const next = await step(runtime, run).catch(failed)
    if (next.is === 'done') return
    troubles = next.is === 'trouble' ? troubles + 1 : 0
    if (next.is === 'trouble') {
      run.ledger = undefined
      runtime.log(
        'warn',
        'could not tell Slack; trying again',
        { place: here, reason: next.reason },
        { SlackRefusals: 1 },
      )
    }
    const at = next.is === 'trouble' ? began + retryAfter(troubles) : (next.at ?? began)
    const until = Math.min(at, deadline)
    if (until > clock.now()) await clock.sleep(until - clock.now())
    if (at > deadline) return await runtime.notices.changed(here)
  }
}

const retryAfter = (troubles: number): number => Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (troubles - 1))

function failed(error: unknown): Step {
  if (error instanceof NewerShape) throw error
  return { is: 'trouble', reason: error instanceof Overtaken ? 'another run tells the same place' : String(error) }
}

/** Does one thing. */
async function step(runtime: Slice, run: Run): Promise<Step> {
  const ledger = (run.ledger ??= await openLedger(runtime, run.place))
  const seen = await see(runtime, run, ledger)
  const heartbeat = run.place === homeOf(runtime.rules) ? unanswered(seen.index.rest) : undefined
  if (heartbeat) {
    await answer(runtime, heartbeat)
    return { is: 'again' }
  }
  const { next } = seen
  if (!next) {
    await closeEnded(runtime, run, ledger, seen)
    return { is: 'done' }
  }
  const now = runtime.clock.now()
  if (ledger.refused && ledger.refused.until > now) {
    await comeBack(runtime, seen, ofNext(next), ledger.refused.until)
    return { is: 'done' }
  }
  if ('job' in next) return deliver(runtime, await atHand(runtime, { run, ledger, seen, job: next.job }))
  const at = now + next.waitMs
  return next.isRefused && (await comeBack(runtime, seen, next.of, at)) ? { is: 'done' } : { is: 'again', at }
}

const ofNext = (next: Plan): string => ('job' in next ? next.job.of : next.of)

/** A refusal lasts until somebody mends something: a timer comes back to it, and nothing waits here. False if no incident has timers any more. */
async function comeBack(
  { timers }: Slice,
  { index: { places }, subjects }: Seen,
  of: string,
  at: number,
): Promise<boolean> {
  const incident = places[of] ?? subjects.find(({ id }) => places[id])
  if (incident) await timers.wake(incident.id, at)
  return incident !== undefined
}

/** What comes next, as far as the index and the ledger can tell. */
interface Seen {
  index: Index
  read: Read
  subjects: readonly Place[]
  next: Plan | undefined
}

async function see(runtime: Slice, run: Run, ledger: Ledger): Promise<Seen> {
  const { table, rules, clock } = runtime
  const read = await readIndex(table, false)
  const { index } = read
  const here = Object.values(index.places).filter((place) => placesOf(place, rules).includes(run.place))
  const subjects = [...here, ...(await endedHere(runtime, run, ledger, index))]
  const unreadable = run.place === homeOf(rules) ? index.rest.unreadable : undefined
  const view = { subjects, unreadable, told: ledger.told, freeAt: freeAt(run, ledger) }
  return { index, read, subjects, next: plan(view, clock.now()) }
}

const isUnreadable = (of: string): boolean => of.startsWith('unreadable@')

/** Open work that the index does not know any more. */
async function endedHere({ table, clock }: Slice, run: Run, { told }: Ledger, { places }: Index): Promise<Place[]> {
  const ended: Place[] = []
  for (const of of told.keys()) {
    if (places[of] || isUnreadable(of)) continue
    if (!run.ended.has(of)) run.ended.set(of, await readIncident(table, of))
    const incident = run.ended.get(of)
    if (incident && !isForgotten(incident, clock.now())) ended.push(placeOf(incident, undefined))
  }
  return ended
}

const isForgotten = ({ resolved, lastAt }: Incident, now: number): boolean =>
  now - (resolved?.at ?? lastAt) > FORGOTTEN_MS

/** When this place was last told something, in ms. */
function lastSent({ told }: Ledger): Run['freeAt'] {
  const last = { post: 0, edit: 0 }
  for (const { sentAt } of told.values()) {
    last.post = Math.max(last.post, sentAt?.post ?? 0)
    last.edit = Math.max(last.edit, sentAt?.edit ?? 0)
  }
  return last
}

function freeAt({ freeAt: asked, othersEditing }: Run, ledger: Ledger): Run['freeAt'] {
  const last = lastSent(ledger)
  return {
    post: Math.max(asked.post, last.post + PACE_MS),
    edit: Math.max(asked.edit, last.edit + EDIT_MS * (1 + othersEditing)),
  }
}

/** Work that is done, or of no use any more. */
async function closeEnded(
  { clock, log }: Slice,
  run: Run,
  ledger: Ledger,
  { index: { places, rest } }: Seen,
): Promise<void> {
  const now = clock.now()
  for (const [of, told] of [...ledger.told]) {
    if (places[of] || (rest.unreadable && of === unreadableId(rest.unreadable))) continue
    const incident = run.ended.get(of)
    if (incident && isTold(placeOf(incident, undefined), told)) await ledger.close(of, now)
    else if (!incident || isForgotten(incident, now)) {
      if (incident) log('error', 'the end of an incident was never told', { incident: of, place: run.place })
      await ledger.forget(of)
    }
  }
}

interface Wanted {
  run: Run
  ledger: Ledger
  seen: Seen
  job: Job
}

interface Delivery extends Wanted {
  /** With the incident at hand, unless it has left. */
  loaded: Loaded
}

async function atHand({ table }: Slice, wanted: Wanted): Promise<Delivery> {
  const { seen, job } = wanted
  const choose: Choice = (places) => places.filter(({ id }) => id === job.of)
  return { ...wanted, loaded: await load(table, [], { choose, read: seen.read }) }
}

async function deliver(runtime: Slice, delivery: Delivery): Promise<Step> {
  const { run, ledger, job } = delivery
  const before = ledger.told.get(job.of) ?? UNTOLD
  const sent = job.do === 'update' ? await update(runtime, delivery, before) : await send(runtime, delivery, before)
  if (sent.is === 'again') return sent
  const now = runtime.clock.now()
  if (sent.is === 'retry') {
    const { afterSeconds: seconds } = sent
    runtime.log('warn', 'Slack asks to wait', { ...about(job), seconds }, { SlackRefusals: 1 })
    run.freeAt[job.lane] = now + seconds * 1000
    return { is: 'again' }
  }
  if (sent.is === 'lost') return { is: 'trouble', reason: sent.reason }
  if (sent.is === 'refused') return refused(runtime, delivery, sent)
  if (ledger.refused) await ledger.refuse(undefined)
  const { refused: _, ...known } = ledger.told.get(job.of) ?? UNTOLD
  // An edit says nothing about a reply that may be on its way.
  const rest = job.do === 'update' ? known : landed(known)
  const sentAt = { ...rest.sentAt, [job.lane]: now }
  if (sent.is === 'gone') {
    const { ref: __, ...unposted } = landed(rest)
    await ledger.save(job.of, { ...unposted, shown: 0, threaded: 0, sentAt })
    return { is: 'again' }
  }
  const { incident } = subjectOf(delivery)
  runtime.log('info', 'told Slack', about(job), countsOf(job, { firstAt: incident?.firstAt, before, now }))
  await ledger.save(job.of, { ...rest, ...sent.told, sentAt })
  return { is: 'again' }
}

/** Nothing is on its way. */
function landed({ sending: _, ...told }: Told): Told {
  return told
}

/** Nothing was sent. */
async function refused(
  runtime: Slice,
  { run, ledger, seen, job }: Delivery,
  { by, reason }: Extract<Trouble, { is: 'refused' }>,
): Promise<Step> {
  const now = runtime.clock.now()
  const facts = { ...about(job), place: run.place, by, reason }
  runtime.log('error', 'Slack refused a message', facts, { SlackRefusals: 1, Untold: 1 })
  const told = ledger.told.get(job.of) ?? UNTOLD
  if (by === 'message') {
    await ledger.save(job.of, {
      ...(job.do === 'update' ? told : landed(told)),
      refused: refusedAgain(told.refused, reason, now),
    })
    return { is: 'again' }
  }
  run.unsent.add(job.of)
  const refusal = refusedAgain(ledger.refused, reason, now)
  await ledger.refuse(refusal)
  await comeBack(runtime, seen, job.of, refusal.until)
  return { is: 'done' }
}

/** `told`: what is new in what the place was told. */
type Delivered = { is: 'sent'; told: Partial<Told> } | { is: 'gone' } | { is: 'again'; at?: number } | Trouble

interface Subject {
  incident: Incident | undefined
  /** What a message shows now. */
  shown: Pick<Intent, 'shown' | 'as' | 'upTo'>
}

function subjectOf({ run, ledger, loaded, job }: Delivery): Subject {
  const { of } = job
  const { board } = loaded
  if (isUnreadable(of)) return { incident: undefined, shown: { shown: board.unreadable!.count, upTo: 0 } }
  const incident = (incidentOf(board, of) ?? run.ended.get(of))!
  const { change, status, filed, timeline, called } = incident
  // A message says all that has happened so far, but it calls nobody: if that should have been done by now, the thread does.
  const isFirst = job.do === 'post' && ledger.told.get(of)?.as === undefined
  const upTo = isFirst && called !== undefined ? called - 1 : filed + timeline.length
  return { incident, shown: { shown: change, as: status, upTo } }
}

async function update(runtime: Slice, delivery: Delivery, { ref }: Told): Promise<Delivered> {
  const at = await shareEdits(runtime, delivery)
  if (at > runtime.clock.now()) return { is: 'again', at }
  const {
    incident,
    shown: { upTo: _, ...shown },
  } = subjectOf(delivery)
  const message = await messageOf(runtime, delivery, incident)
  if ('is' in message) return message
  const sent = await runtime.chat.update(ref!, message)
  return sent.is === 'sent' ? { is: 'sent', told: shown } : sent
}

/**
 * Slack counts edits for the whole app: a place that makes one after the other says so, and all of those share them. When this one may be made, in ms.
 */
async function shareEdits({ table, clock }: Slice, { run, ledger, seen }: Delivery): Promise<number> {
  const isAlone = Object.values(seen.index.places).every(({ places }) => places.every((other) => other === run.place))
  if (isAlone) return 0
  const now = clock.now()
  const { others, saidUntil } = await readEditing(table, run.place, now)
  run.othersEditing = others
  const { edit } = lastSent(ledger)
  if (edit > now - EDITING_GAP_MS && saidUntil < now + EDITING_GAP_MS)
    await sayEditing(table, run.place, now + EDITING_AHEAD_MS, now)
  return freeAt(run, ledger).edit
}

/** Posts and replies must not appear twice: what will be sent is saved first, and what nobody knows the fate of is looked for. */
async function send(runtime: Slice, delivery: Delivery, before: Told): Promise<Delivered> {
  const { run, ledger, loaded, job } = delivery
  const { incident, shown } = subjectOf(delivery)
  const what = job.do === 'reply' ? 'reply' : 'post'
  const where: Where = what === 'reply' ? { thread: before.ref! } : { channel: run.place }
  if (what === 'post' && !before.sending && !before.sentAt) {
    const known = await toldBefore(ledger, loaded, job.of, incident)
    if (!known && incident?.status === 'merged') await ledger.save(job.of, { ...UNTOLD })
    if (known || incident?.status === 'merged') return { is: 'again' }
  }
  const sending = before.sending ?? lostIntent(ledger, before, job.of, incident)
  if (sending?.what === what && !run.unsent.delete(job.of)) {
    const found: Search = await runtime.chat.find(where, sending.tag, sending.at - LOOK_BACK_MS)
    if (found.is === 'found') {
      runtime.log('info', 'found a message whose answer was lost', { ...about(job), ref: found.ref })
      const rest = landed(before)
      const post = what === 'post' && { ref: found.ref, shown: sending.shown, ...(sending.as && { as: sending.as }) }
      await ledger.save(job.of, {
        ...rest,
        ...post,
        threaded: sending.upTo,
        sentAt: { ...rest.sentAt, post: sending.at },
      })
      return { is: 'again' }
    }
    if (found.is !== 'missing') return found
  }
  const message =
    what === 'reply'
      ? await historyOf(runtime, delivery, incident!, before)
      : await messageOf(runtime, delivery, incident)
  if ('is' in message) return message
  const tag = tagOf(job.of, incident, what === 'reply' ? shown.upTo : undefined)
  await ledger.save(job.of, { ...before, sending: { what, at: runtime.clock.now(), tag, ...shown } })
  const sent: Sent = await runtime.chat.post(where, message, tag)
  if (sent.is === 'retry') run.unsent.add(job.of)
  if (sent.is !== 'sent') return sent
  const { upTo, ...now } = shown
  return { is: 'sent', told: { ...(what === 'post' && { ref: sent.ref, ...now }), threaded: upTo } }
}

/** With the time at which it opened: an id that is given again after a restore finds no message of the older incident. */
function tagOf(of: string, incident: Incident | undefined, upTo?: number): string {
  const name = incident ? `${of}/${incident.openedAt}` : of
  return upTo === undefined ? name : `${name}/${upTo}`
}

/** It may have been told before it left the index, or by an older version. */
async function toldBefore(
  ledger: Ledger,
  { board }: Loaded,
  of: string,
  incident: Incident | undefined,
): Promise<boolean> {
  if (incident && (await ledger.bringBack(of))) return true
  const kept: KeptByOld | undefined = incident ? incident.slack : board.unreadable?.slack
  const known = adopted(kept, incident ? of : 'unreadable')
  if (known) await ledger.save(of, known)
  return known !== undefined
}

/** Of an entry that cannot be read: its message, if there is one, is edited, and its thread goes on with what is new. */
function lostIntent({ lost }: Ledger, before: Told, of: string, incident: Incident | undefined): Intent | undefined {
  if (before !== UNTOLD || !lost.includes(of) || !incident) return undefined
  return { what: 'post', at: incident.firstAt, tag: tagOf(of, incident), shown: 0, upTo: incident.news ?? 0 }
}

type Unfit = Extract<Trouble, { is: 'refused' }>

async function messageOf(
  { table, rules }: Slice,
  { loaded: { board } }: Delivery,
  incident: Incident | undefined,
): Promise<Message | Unfit> {
  if (!incident) return rendered(() => renderUnreadable(board.unreadable!, rules))
  const causes = causesOf(incident, rules)
  const alarms = await readAlarms(table, shownAlarms(incident, causes))
  const stopped = board.remediation?.stopped
  return rendered(() => render({ incident, causes, alarms, ...(stopped && { stopped }) }, rules))
}

async function historyOf(
  { table, rules }: Slice,
  { loaded: { flying } }: Delivery,
  incident: Incident,
  { threaded }: Told,
): Promise<Message | Unfit> {
  const untold = await readEntries(table, incident, threaded, flying)
  return rendered(() => renderHistory(untold, rules, peopleFor(incident, rules.config)))
}

/** What one incident holds must not keep the others from being told. */
function rendered(make: () => Message): Message | Unfit {
  try {
    return make()
  } catch (error) {
    return { is: 'refused', by: 'message', reason: `it cannot be put into words: ${String(error)}` }
  }
}
