// What a place is told of an incident, in words: its message, its line, what goes into the thread, and who is mentioned.
import { causesOf } from '../core/correlate/cause.ts'
import { onCallOf, peopleFor } from '../core/escalate/escalation.ts'
import { ENTRY_KINDS } from '../core/incident/timeline.ts'
import { homeOf } from '../core/notify/places.ts'
import { shownAlarms } from '../core/notify/slack/alarms-text.ts'
import type { Message } from '../core/notify/slack/blocks.ts'
import { shownOf } from '../core/notify/digest.ts'
import { isAboutIgnored } from '../core/notify/notices.ts'
import { renderDigest, renderDigestCall } from '../core/notify/slack/digest.ts'
import { renderHistory, renderIgnored, renderUnreadable } from '../core/notify/slack/history.ts'
import { looksOf, renderCall, renderLine, type LineView } from '../core/notify/slack/line.ts'
import { render } from '../core/notify/slack/message.ts'
import type { Trouble } from '../ports/slack.ts'
import { toldAtHome } from '../store/ledger/ledger.ts'
import { readAlarms } from '../store/records.ts'
import { readEntries } from '../store/story.ts'
import type { Delivery, Slice } from './telling.ts'

type Words = Pick<Slice, 'table' | 'rules'>

export type Unfit = Extract<Trouble, { is: 'refused' }>

/** `looks` and `home`: of a line, for the ledger. `calls`: it mentions somebody. */
export interface Written {
  message: Message
  looks?: string
  home?: string
  calls?: boolean
}

export async function messageOf({ table, rules }: Words, delivery: Delivery): Promise<Written | Unfit> {
  const { loaded, incident, notice, isLine } = delivery
  const { board } = loaded
  if (notice?.digest) {
    const { digest } = notice
    const worst = shownOf(digest).map(({ id }) => board.incidents[id]!)
    return put(() => ({ message: renderDigest(digest, worst, rules) }))
  }
  if (!incident)
    return put(() => ({
      message: isAboutIgnored(delivery.job.of)
        ? renderIgnored(board.ignored!)
        : renderUnreadable(board.unreadable!, rules),
    }))
  if (isLine) {
    const view = await lineView({ table, rules }, delivery)
    if ('is' in view) return view
    const line = put(() => renderLine(view, rules))
    if ('is' in line) return line
    return { message: line, looks: looksOf(line), home: view.homeRef ?? '' }
  }
  const causes = put(() => causesOf(incident, rules))
  if ('is' in causes) return causes
  const wanted = put(() => shownAlarms(incident, causes))
  if ('is' in wanted) return wanted
  const alarms = await readAlarms(table, wanted)
  const stopped = board.remediation?.stopped
  return put(() => ({ message: render({ incident, causes, alarms, ...(stopped && { stopped }) }, rules) }))
}

async function lineView({ table, rules }: Words, { incident, run: { place } }: Delivery): Promise<LineView | Unfit> {
  const causes = put(() => causesOf(incident!, rules))
  if ('is' in causes) return causes
  const home = await toldAtHome(table, incident!)
  return { incident: incident!, causes, place, home: homeOf(incident!, rules), homeRef: home?.ref }
}

export async function historyOf({ table, rules }: Words, delivery: Delivery): Promise<Written | Unfit> {
  const { loaded, before, isLine, run, notice } = delivery
  if (notice?.digest) {
    const { digest } = notice
    return put(() => ({ message: renderDigestCall(digest, before.threaded, rules), calls: true }))
  }
  const incident = delivery.incident!
  const untold = await readEntries(table, incident, before.threaded, loaded.flying)
  const calls = untold.filter(({ kind, place }) => kind === 'called' && place === run.place)
  const teams = calls.flatMap(({ team }) => onCallOf(team, rules.config))
  if (isLine) {
    const view = await lineView({ table, rules }, delivery)
    if ('is' in view) return view
    return put(() => ({ message: renderCall(calls, view, [...new Set(teams)], rules), calls: true }))
  }
  const isCall = untold.some(({ kind }) => ENTRY_KINDS[kind].callsSomebody)
  const called = [...new Set([...(isCall ? peopleFor(incident, rules.config) : []), ...teams])]
  return put(() => ({ message: renderHistory(untold, rules, called), calls: called.length > 0 }))
}

/** What one incident holds must not keep the others from being told. */
function put<T>(make: () => T): T | Unfit {
  try {
    return make()
  } catch (error) {
    return { is: 'refused', by: 'message', reason: `it cannot be put into words: ${String(error)}` }
  }
}
