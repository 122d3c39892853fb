// One message to one place: whether it has arrived already, and what Slack's answer means for what the place was told.
import { incidentOf, type Board } from '../core/incident/board.ts'
import { newestCall, type Incident } from '../core/incident/incident.ts'
import { commonChannel, homeOf } from '../core/notify/places.ts'
import { about, countsOf } from '../core/notify/counts.ts'
import { landed, refusedAgain, refusedFor, UNTOLD, type Intent, type Lane, type Told } from '../core/notify/ledger.ts'
import { shownOf } from '../core/notify/digest.ts'
import { isNotice, noticesAt, type Notice } from '../core/notify/notices.ts'
import { EDIT_MS, PACE_MS, type Job } from '../core/notify/next-message.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Trouble, Where } from '../ports/slack.ts'
import { loadSome, type Loaded } from '../store/board.ts'
import type { DoorSlice } from '../store/door.ts'
import { readEditing, sayEditing } from '../store/ledger/edits.ts'
import type { Ledger } from '../store/ledger/ledger.ts'
import type { Read } from '../store/read-index.ts'
import { historyOf, messageOf } from './wording.ts'

export type Slice = DoorSlice & Pick<Runtime, 'chat' | 'probe'>

/** What one run knows beside the ledger. */
export interface Run {
  place: string
  ledger?: Ledger | undefined
  /** When Slack lets us call again, in ms. */
  freeAt: Record<Lane, number>
  /** What had no answer goes behind what has not been tried yet: one message must not hold up the others. */
  behind: Set<string>
  /** How many other places make edits as well. */
  othersEditing: number
}

/** `again`: at once, or at a time in ms. `trouble`: Slack or the table cannot be reached. */
export type Step = { is: 'done' } | { is: 'again'; at?: number } | { is: 'trouble' }

export interface Wanted {
  run: Run
  ledger: Ledger
  job: Job
  /** The index, as it was read for this. */
  read: Read
  /** The incident, if it has left the index. */
  ended: Incident | undefined
}

/** When this place was last told something, in ms. */
function lastSent({ told }: Ledger): Record<Lane, number> {
  const last = { post: 0, edit: 0 }
  for (const { sentAt } of told.values()) {
    last.post = Math.max(last.post, sentAt?.post ?? 0)
    last.edit = Math.max(last.edit, sentAt?.edit ?? 0)
  }
  return last
}

/** When each lane is free again, in ms. */
export function laneFreeAt({ freeAt, othersEditing }: Run, ledger: Ledger): Record<Lane, number> {
  const last = lastSent(ledger)
  const asked = ledger.state.freeAt
  return {
    post: Math.max(freeAt.post, asked?.post ?? 0, last.post + PACE_MS),
    edit: Math.max(freeAt.edit, asked?.edit ?? 0, last.edit + EDIT_MS * (1 + othersEditing)),
  }
}

export interface Delivery extends Wanted {
  loaded: Loaded
  /** Unset: a notice. */
  incident: Incident | undefined
  notice?: Notice
  before: Told
  /** What a message shows now. */
  shown: Pick<Intent, 'shown' | 'as' | 'upTo'>
  /** This is not where the incident lives. */
  isLine: boolean
}

/** `told`: what is new in what the place was told. `unfound`: it could not be looked for. */
type Delivered =
  | { is: 'sent' | 'same'; told: Partial<Told> }
  | { is: 'gone' }
  | { is: 'again'; at?: number }
  | (Trouble & { unfound?: true })

export async function deliver(runtime: Slice, wanted: Wanted): Promise<Step> {
  const delivery = await atHand(runtime, wanted)
  // It has left the index since that was read.
  if (!delivery) return { is: 'again' }
  const { run, ledger, job, before, incident } = delivery
  const sent = job.do === 'update' ? await update(runtime, delivery) : await send(runtime, delivery)
  if (sent.is === 'again') return sent
  if (sent.is === 'same') {
    await ledger.save(job.of, { ...before, ...sent.told })
    return { is: 'again' }
  }
  const now = runtime.clock.now()
  if (sent.is === 'retry') return asked(runtime, delivery, sent)
  if (sent.is === 'lost') {
    const facts = { ...about(job), place: run.place, reason: sent.reason }
    runtime.log('warn', 'no answer from Slack; trying again', facts, { SlackRefusals: 1 })
    run.behind.add(job.of)
    return { is: 'trouble' }
  }
  if (sent.is === 'refused') return refused(runtime, delivery, sent)
  await takesMessages(ledger)
  const { refused: was, ...known } = ledger.told.get(job.of) ?? UNTOLD
  const { [job.do]: _, ...others } = was ?? {}
  // An edit says nothing about a reply that may be on its way.
  const rest: Told = {
    ...(job.do === 'update' ? known : landed(known)),
    sentAt: { ...known.sentAt, [job.lane]: now },
    ...(Object.keys(others).length > 0 && { refused: others }),
  }
  if (sent.is === 'gone') {
    const { ref: ___, announced: ____, ...unposted } = landed(rest)
    await ledger.save(job.of, { ...unposted, shown: 0 })
    return { is: 'again' }
  }
  runtime.log('info', 'told Slack', about(job), countsOf(job, { firstAt: incident?.firstAt, before, now }))
  await ledger.save(job.of, { ...rest, ...sent.told })
  return { is: 'again' }
}

/** Whatever was refused before. */
async function takesMessages(ledger: Ledger): Promise<void> {
  const { refused, ...state } = ledger.state
  if (refused) await ledger.saveState(state)
}

async function atHand({ table, rules }: Slice, wanted: Wanted): Promise<Delivery | undefined> {
  const { job, read, ended, ledger } = wanted
  const { of } = job
  const before = ledger.told.get(of) ?? UNTOLD
  if (isNotice(of)) {
    const find = (board: Omit<Board, 'incidents'>): Notice | undefined =>
      noticesAt(wanted.run.place, board, commonChannel(rules)).find((one) => one.of === of)
    const needed = (notice: Notice | undefined): string[] =>
      notice?.digest ? shownOf(notice.digest).map(({ id }) => id) : []
    const loaded = await loadSome(table, needed(find({ ...read.index.rest, index: read.index.places })), read)
    const notice = find(loaded.board)
    // Somebody has changed what it shows.
    if (!notice || needed(notice).some((id) => !loaded.board.incidents[id])) return undefined
    const shown = { shown: notice.count, upTo: job.do === 'reply' ? notice.calls : before.threaded }
    return { ...wanted, loaded, before, incident: undefined, notice, shown, isLine: false }
  }
  const loaded = await loadSome(table, [of], read)
  const { board } = loaded
  const incident = incidentOf(board, of) ?? ended
  if (!incident) return undefined
  const { change, status, filed, timeline } = incident
  const { place } = wanted.run
  const isLine = homeOf(incident, rules) !== place
  const called = isLine ? newestCall(incident.calls, place) : (incident.called ?? 0)
  // A message says all that has happened so far, but it calls nobody: if that should have been done by now, the thread does.
  const upTo = job.do === 'post' && called > before.threaded ? called - 1 : filed + timeline.length
  return { ...wanted, loaded, before, incident, shown: { shown: change, as: status, upTo }, isLine }
}

/** Slack asks to wait, and did nothing. */
async function asked(
  { log, clock }: Slice,
  { run, ledger, job }: Delivery,
  { afterSeconds: seconds }: Extract<Trouble, { is: 'retry' }>,
): Promise<Step> {
  log('warn', 'Slack asks to wait', { ...about(job), place: run.place, seconds }, { SlackRefusals: 1 })
  const at = clock.now() + seconds * 1000
  run.freeAt[job.lane] = at
  if (seconds > WAITS_HERE_SECONDS)
    await ledger.saveState({ ...ledger.state, freeAt: { ...ledger.state.freeAt, [job.lane]: at } })
  return { is: 'again' }
}

/** What another run would have to know. */
const WAITS_HERE_SECONDS = 10

/** Slack did nothing, and will not until somebody mends something. */
async function refused(
  { log, clock }: Slice,
  { run, ledger, job, before, shown }: Delivery,
  { by, reason, unfound }: Extract<Trouble, { is: 'refused' }> & { unfound?: true },
): Promise<Step> {
  const now = clock.now()
  log(
    'error',
    'Slack refused a message',
    { ...about(job), place: run.place, by, reason },
    { SlackRefusals: 1, Untold: 1 },
  )
  // Of one that could not be looked for, nothing more is known than before.
  const known = ledger.told.get(job.of) ?? UNTOLD
  const told = job.do === 'update' || unfound ? known : landed(known)
  if (by === 'message') {
    const again = refusedAgain(before.refused?.[job.do], { reason, change: shown.shown, now })
    await ledger.save(job.of, { ...told, refused: { ...told.refused, [job.do]: again } })
    return { is: 'again' }
  }
  // Slack did nothing, so the next attempt need not look for it, which would be refused as well.
  if (known.sending && !told.sending) await ledger.save(job.of, told)
  const was = ledger.state.refused
  const { since = now, tries = 0 } = was?.by === by ? was : {}
  const until = now + refusedFor(tries + 1)
  const { channel, ...state } = ledger.state
  const kept = by === 'channel' || channel === undefined ? {} : { channel }
  await ledger.saveState({ ...state, ...kept, refused: { by, reason, since, tries: tries + 1, until } })
  return { is: 'again' }
}

async function update(runtime: Slice, delivery: Delivery): Promise<Delivered> {
  const at = await shareEdits(runtime, delivery)
  if (at > runtime.clock.now()) return { is: 'again', at }
  const { before, shown, ledger, job } = delivery
  const written = await messageOf(runtime, delivery)
  if ('is' in written) return written
  const { message, ...line } = written
  const { upTo: _, ...now } = shown
  const told = { ...now, ...line }
  if (line.looks !== undefined) {
    if (line.looks === before.looks) return { is: 'same', told }
    // Whoever finds this after a crash does not know what the line shows.
    const { looks: __, ...unsure } = before
    if (before.looks !== undefined) await ledger.save(job.of, unsure)
  }
  const sent = await runtime.chat.update(before.ref!, message)
  return sent.is === 'sent' ? { is: 'sent', told } : sent
}

/** Edits that are no further apart than this come one after the other; and for how long a place then says that it makes some. */
const EDITING_GAP_MS = 10_000
const EDITING_AHEAD_MS = 20_000

/**
 * Slack counts edits for the whole app: a place that makes one after the other says so, and all of those share them. When this one may be made, in
 * ms.
 */
async function shareEdits({ table, clock }: Slice, { run, ledger, read }: Delivery): Promise<number> {
  const all = [...read.index.places.values()]
  if (all.every(({ places }) => places.every((other) => other === run.place))) return 0
  const now = clock.now()
  const { others, saidUntil } = await readEditing(table, run.place, now)
  run.othersEditing = others
  if (lastSent(ledger).edit > now - EDITING_GAP_MS && saidUntil < now + EDITING_GAP_MS)
    await sayEditing(table, run.place, now + EDITING_AHEAD_MS, now)
  return laneFreeAt(run, ledger).edit
}

/** A message whose answer was lost is looked for from a little before it was sent: clocks differ. */
const LOOK_BACK_MS = 60_000

/** Posts and replies must not appear twice: what will be sent is saved first, and what nobody knows the fate of is looked for. */
async function send(runtime: Slice, delivery: Delivery): Promise<Delivered> {
  const { run, ledger, job, before, shown, incident } = delivery
  const what = job.do === 'reply' ? 'reply' : 'post'
  const here: Where = what === 'reply' ? { thread: before.ref! } : { channel: await channelOf(runtime, run, ledger) }
  const sending = before.sending ?? (before.isLost ? lostIntent(delivery) : undefined)
  if (sending?.what === what) {
    const found = await runtime.chat.find(here, sending.tag, sending.at - LOOK_BACK_MS)
    if (found.is === 'found') {
      runtime.log('info', 'found a message whose answer was lost', { ...about(job), ref: found.ref })
      const post = what === 'post' && { ref: found.ref, shown: sending.shown, ...(sending.as && { as: sending.as }) }
      const sentAt = { ...before.sentAt, post: sending.at }
      await takesMessages(ledger)
      await ledger.save(job.of, { ...landed(before), ...post, threaded: sending.upTo, sentAt })
      return { is: 'again' }
    }
    if (found.is !== 'missing') return { ...found, unfound: true }
  }
  // It became part of another before it was told: what nobody has seen need not be moved.
  if (what === 'post' && incident?.status === 'merged') {
    await ledger.save(job.of, landed(before))
    return { is: 'again' }
  }
  const written = what === 'reply' ? await historyOf(runtime, delivery) : await messageOf(runtime, delivery)
  if ('is' in written) return written
  const { message, calls, ...line } = written
  const where: Where = calls ? { ...here, inChannel: true } : here
  const tag = tagOf(job.of, incident, what === 'reply' ? shown.upTo : undefined)
  await ledger.save(job.of, { ...landed(before), sending: { what, at: runtime.clock.now(), tag, ...shown } })
  const sent = await runtime.chat.post(where, message, tag)
  // It was certainly not sent: there is nothing to look for.
  if (sent.is === 'retry') ledger.keep(job.of, landed(before))
  if (sent.is !== 'sent') return sent
  const { upTo, ...now } = shown
  return { is: 'sent', told: { ...(what === 'post' && { ref: sent.ref, ...now, ...line }), threaded: upTo } }
}

/** Looked up once, and again if it refuses messages. */
async function channelOf({ chat }: Pick<Slice, 'chat'>, { place }: Run, ledger: Ledger): Promise<string> {
  const known = ledger.state.channel ?? (await chat.resolve(place))
  if (known === undefined) return place
  if (known !== ledger.state.channel) await ledger.saveState({ ...ledger.state, channel: known })
  return known
}

/** With the time at which it opened: an id that is given again after a restore finds no message of the older incident. */
function tagOf(of: string, incident: Incident | undefined, upTo?: number): string {
  const name = incident ? `${of}/${incident.openedAt}` : of
  return upTo === undefined ? name : `${name}/${upTo}`
}

/** Of an entry that cannot be read: its message, if there is one, is edited, and its thread goes on with what is new. */
function lostIntent({ job: { of }, incident, notice }: Delivery): Intent {
  const at = incident?.firstAt ?? notice!.since
  return { what: 'post', at, tag: tagOf(of, incident), shown: 0, upTo: incident?.news ?? notice?.calls ?? 0 }
}
