// Notify: makes Slack show what is on the board. Sends the most urgent thing, waits out Slack's pace, and looks again until nothing is left.
import { causesOf } from '../core/correlate/cause.ts'
import { isActive } from '../core/incident/incident.ts'
import { incidentOf, type Board } from '../core/incident/board.ts'
import type { SlackState } from '../core/notify/ledger.ts'
import type { Draft } from '../core/incident/draft.ts'
import { unanswered } from '../core/watchdog/heartbeat.ts'
import { shownAlarms } from '../core/notify/slack/alarms-text.ts'
import type { Message } from '../core/notify/slack/blocks.ts'
import { peopleFor } from '../core/escalate/escalation.ts'
import { renderHistory, renderUnreadable } from '../core/notify/slack/history.ts'
import { render } from '../core/notify/slack/message.ts'
import { PACE_MS, plan, slackOf, UNREADABLE, type Job } from '../core/notify/next-message.ts'
import { about, countsOf } from '../core/notify/counts.ts'
import { answer } from './heartbeat.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Sent } from '../ports/slack.ts'
import { load, type Loaded } from '../store/board.ts'
import { throughDoor, type DoorSlice } from '../store/door.ts'
import { readEntries } from '../store/story.ts'
import { readAlarms } from '../store/records.ts'

type Slice = DoorSlice & Pick<Runtime, 'chat' | 'probe' | 'log'>

/**
 * What was sent and is not saved yet. An edit may be sent twice, so only this process needs to know about it; it is saved along with the next
 * post or reply, and when an incident has ended.
 */
export interface Memory {
  slack: Map<string, Partial<SlackState>>
  paced: { post?: number; edit?: number }
  lastSent: Map<string, number>
}

export const newMemory = (): Memory => ({ slack: new Map(), paced: {}, lastSent: new Map() })

type Mine = Memory & {
  /** What Slack refuses in this run, and why. */
  refused: Map<string, string>
}

/** A message whose response was not saved is searched for from a little before it was sent: clocks differ. */
const LOOK_BACK_MS = 60_000

/** Runs until everything is told, or until `deadline` (ms), then asks for another run. The queue ensures one run at a time per channel. */
export async function notify(runtime: Slice, deadline: number, memory: Memory): Promise<void> {
  const mine: Mine = { ...memory, refused: new Map() }
  try {
    for (;;) {
      const seen = await see(runtime, mine)
      const { board } = seen
      const heartbeat = unanswered(board)
      if (heartbeat) {
        await answer(runtime, heartbeat)
        continue
      }
      if (!plan(board, Infinity, mine.lastSent, mine.refused) && hasEnded(board, mine)) await save(runtime, mine)
      const now = runtime.clock.now()
      const next = plan(board, now, mine.lastSent, mine.refused)
      if (!next) break
      if (now + ('waitMs' in next ? next.waitMs : 0) > deadline) return await runtime.notices.changed()
      if ('waitMs' in next) await runtime.clock.sleep(next.waitMs)
      else await deliver(runtime, seen, next.job, mine)
    }
  } finally {
    if (hasNewMessage(mine)) await save(runtime, mine)
  }
  if (mine.refused.size > 0)
    throw new Error(`Slack took nothing of ${[...mine.refused].map(([of, why]) => `${of} (${why})`).join(', ')}`)
}

/** The board with the incidents that are not told yet, and those that this run has told of, as they will be once that is saved. */
type Seen = Pick<Loaded, 'board' | 'flying'>

async function see({ table }: Slice, mine: Mine): Promise<Seen> {
  const { board, flying } = await load(table, [], {
    choose: (places) => places.filter(({ id, untold }) => untold || mine.slack.has(id)),
  })
  return { board: withMine(board, mine), flying }
}

const hasNewMessage = ({ slack }: Mine): boolean =>
  [...slack.values()].some(({ ts, threaded }) => ts !== undefined || threaded !== undefined)

/** Incidents that are over leave the board once it is saved that Slack shows their end. */
function hasEnded(board: Board, { slack }: Mine): boolean {
  return [...slack.keys()].some((id) => {
    const incident = board.incidents[id]
    return incident !== undefined && !isActive(incident)
  })
}

async function deliver(runtime: Slice, seen: Seen, job: Job, mine: Mine): Promise<void> {
  const { board } = seen
  const sent = job.do === 'update' ? await update(runtime, board, job) : await send(runtime, seen, job, mine)
  const now = runtime.clock.now()
  mine.paced[job.lane] = sent.is === 'retry' ? now + sent.afterSeconds * 1000 - PACE_MS : now
  mine.lastSent.set(job.of, now)
  if (sent.is === 'retry') {
    runtime.log('warn', 'Slack asks to wait', { ...about(job), seconds: sent.afterSeconds }, { SlackRefusals: 1 })
    // It was certainly not sent: nothing to look for next time.
    if (job.do !== 'update') remember(mine, job.of, { threaded: slackOf(board, job.of)!.threaded })
    return
  }
  if (sent.is === 'fail') {
    mine.refused.set(job.of, sent.reason)
    runtime.log('error', 'Slack refused a message', { ...about(job), reason: sent.reason }, { SlackRefusals: 1 })
    return
  }
  if (sent.is === 'found') {
    const post = job.do === 'post' && { ts: sent.ts, shown: 0 }
    return remember(mine, job.of, { ...post, threaded: sent.upTo })
  }
  if (sent.is === 'gone') return remember(mine, job.of, { ts: '', shown: 0, threaded: 0 })
  runtime.log('info', 'told Slack', about(job), countsOf(board, job, now))
  const shown = shows(board, job.of)
  if (job.do === 'reply') remember(mine, job.of, { threaded: entriesOf(board, job.of) })
  else if (job.do === 'post') remember(mine, job.of, { ...shown, ts: sent.ts, threaded: entriesOf(board, job.of) })
  else remember(mine, job.of, shown)
}

async function update(runtime: Slice, board: Board, job: Job): Promise<Sent> {
  return runtime.chat.update(slackOf(board, job.of)!.ts!, await messageOf(runtime, board, job.of))
}

/** Shows what was true when it was sent: entries up to `upTo`. */
interface Found {
  is: 'found'
  ts: string
  upTo: number
}

/** Posts and replies must not appear twice: the intent is saved first, and a message whose intent was left over is looked for. */
async function send(runtime: Slice, seen: Seen, job: Job, mine: Mine): Promise<Sent | Found> {
  const { board } = seen
  const { ts: threadTs, sending } = slackOf(board, job.of)!
  const does = job.do === 'reply' ? 'reply' : 'post'
  const thread = does === 'reply' ? threadTs : undefined
  if (sending?.what === does) {
    const found = await runtime.chat.find(tagOf(job.of, does, sending.upTo), sending.at - LOOK_BACK_MS, thread)
    if (found !== undefined) {
      runtime.log('info', 'found a message that was sent before a crash', { ...about(job), ts: found })
      return { is: 'found', ts: found, upTo: sending.upTo }
    }
  }
  const upTo = entriesOf(board, job.of)
  await save(runtime, mine, { of: job.of, sending: { what: does, at: runtime.clock.now(), upTo } })
  const message = does === 'reply' ? await historyOf(runtime, seen, job.of) : await messageOf(runtime, board, job.of)
  return runtime.chat.post(message, tagOf(job.of, does, upTo), thread)
}

const tagOf = (of: string, what: 'post' | 'reply', upTo: number): string => (what === 'post' ? of : `${of}/${upTo}`)

async function messageOf(runtime: Slice, board: Board, of: string): Promise<Message> {
  if (of === UNREADABLE) return renderUnreadable(board.unreadable!, runtime.rules)
  const incident = board.incidents[of]!
  const causes = causesOf(incident, runtime.rules)
  const alarms = await readAlarms(runtime.table, shownAlarms(incident, causes))
  const stopped = board.remediation?.stopped
  return render({ incident, causes, alarms, ...(stopped && { stopped }) }, runtime.rules)
}

async function historyOf(runtime: Slice, { board, flying }: Seen, of: string): Promise<Message> {
  const incident = board.incidents[of]!
  const untold = await readEntries(runtime.table, incident, incident.slack.threaded, flying)
  return renderHistory(untold, runtime.rules, peopleFor(incident, runtime.rules.config))
}

function entriesOf(board: Board, of: string): number {
  const incident = board.incidents[of]
  return incident ? incident.filed + incident.timeline.length : 0
}

function shows(board: Board, of: string): Pick<SlackState, 'shown' | 'as'> {
  if (of === UNREADABLE) return { shown: board.unreadable!.count }
  const { change, status } = board.incidents[of]!
  return { shown: change, as: status }
}

function remember(mine: Mine, of: string, slack: Partial<SlackState>): void {
  mine.slack.set(of, { ...mine.slack.get(of), ...slack })
}

/** The board as it will be once what this run sent is saved. An empty `ts` means that the message is gone. */
function withMine(board: Board, mine: Mine): Board {
  const incidents = { ...board.incidents }
  let { unreadable } = board
  for (const [of, slack] of mine.slack) {
    const known = incidentOf(board, of)
    if (known) incidents[of] = { ...known, slack: merged(known.slack, slack) }
    else if (of === UNREADABLE && unreadable) unreadable = { ...unreadable, slack: merged(unreadable.slack, slack) }
  }
  return {
    ...board,
    incidents,
    ...(unreadable && { unreadable }),
    paced: { post: 0, edit: 0, ...board.paced, ...mine.paced },
  }
}

function merged(known: SlackState, mine: Partial<SlackState>): SlackState {
  const slack = { ...known, ...mine }
  if (mine.ts !== undefined || mine.threaded !== undefined) delete slack.sending
  if (slack.ts === '') delete slack.ts
  return slack
}

/** Incidents that are over are followed: now that their end is saved as shown, they may leave the board. */
async function save(runtime: Slice, mine: Mine, intent?: Intent): Promise<void> {
  if (mine.slack.size === 0 && !intent) return
  await throughDoor(runtime, {
    move(draft) {
      const { incidents, unreadable, paced } = withMine(draft.board, mine)
      Object.assign(draft.board, { paced }, unreadable && { unreadable })
      const ended: string[] = []
      for (const id of mine.slack.keys()) {
        const incident = incidents[id]
        if (!incident) continue
        draft.shown(id, incident.slack)
        if (!isActive(incident)) ended.push(id)
      }
      if (intent) markIntent(draft, intent)
      return ended
    },
    about: (ended) => ended,
  })
  mine.slack.clear()
}

interface Intent {
  of: string
  sending: NonNullable<SlackState['sending']>
}

function markIntent(draft: Draft, { of, sending }: Intent): void {
  const { unreadable } = draft.board
  if (of === UNREADABLE)
    return void (draft.board.unreadable = { ...unreadable!, slack: { ...unreadable!.slack, sending } })
  const incident = incidentOf(draft.board, of)
  if (incident) draft.shown(of, { ...incident.slack, sending })
}
