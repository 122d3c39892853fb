// Respond: takes a click from Slack, checks that Slack sent it, does what it asks for once, and answers within Slack's three seconds.
import { readInteraction, type Interaction } from '../core/respond/interaction.ts'
import { act, decidersOf, runOf, type Ask, type Deciders, type Denial } from '../core/respond/act.ts'
import { answerView } from '../core/notify/slack/run-dialog.ts'
import { ACTIONS } from '../core/respond/actions/index.ts'
import type { Incident } from '../core/incident/incident.ts'
import { incidentOf, isOnBoard } from '../core/incident/board.ts'
import type { Person } from '../core/incident/person.ts'
import { commonChannel } from '../core/notify/places.ts'
import { reasonOf } from '../core/words/words.ts'
import { isFromSlack } from '../core/respond/signature.ts'
import type { Approvers } from '../core/services/teams.ts'
import type { Runtime } from '../ports/runtime.ts'
import { Refused } from '../ports/tools.ts'
import { look, readIncident } from '../store/board.ts'
import { remembering } from '../store/members.ts'
import { handOver } from '../store/ledger/ledger.ts'
import { throughDoor, type DoorSlice } from '../store/door.ts'

export interface Request {
  headers: Record<string, string | undefined>
  rawBody: string
}

export interface Response {
  statusCode: number
  body: string
  headers?: Record<string, string>
}

type Slice = DoorSlice & Pick<Runtime, 'people' | 'dialogs' | 'secrets' | 'log'>

const OK: Response = { statusCode: 200, body: '' }

export async function respond(runtime: Slice, request: Request): Promise<Response> {
  const { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature } = request.headers
  const { signingSecrets, installation } = await runtime.secrets.connection()
  if (!isFromSlack({ timestamp, signature, rawBody: request.rawBody }, signingSecrets, runtime.clock.now())) {
    runtime.log('warn', 'a request without a valid, recent Slack signature', { timestamp })
    return { statusCode: 401, body: 'not signed by Slack' }
  }
  let interaction: Interaction
  try {
    interaction = readInteraction(request.rawBody, installation)
  } catch {
    return { statusCode: 400, body: 'the payload is not JSON' }
  }
  if (interaction.is === 'foreign') {
    runtime.log('warn', 'a click of another app or another installation', { why: interaction.why })
    return { statusCode: 403, body: 'not of this installation' }
  }
  if (interaction.is === 'action') return clicked(runtime, interaction)
  return interaction.is === 'answer' ? answered(runtime, interaction) : OK
}

async function clicked(
  runtime: Slice,
  { ask, who, responseUrl, triggerId }: Extract<Interaction, { is: 'action' }>,
): Promise<Response> {
  const view = triggerId === undefined ? undefined : await viewFor(runtime, ask)
  const told =
    view && triggerId !== undefined ? await opened(runtime, triggerId, view) : await actOnce(runtime, ask, who)
  if (told !== undefined && responseUrl !== undefined)
    await runtime.dialogs
      .whisper(responseUrl, told)
      .catch((error: unknown) => runtime.log('warn', 'a person could not be told', { told, error: String(error) }))
  return OK
}

/** Slack lets a dialog be opened within three seconds of the click. Returns what to tell the person if it is not there. */
async function opened(
  { dialogs, log }: Slice,
  triggerId: string,
  view: Record<string, unknown>,
): Promise<string | undefined> {
  try {
    await dialogs.open(triggerId, view)
    return undefined
  } catch (error) {
    log('warn', 'a dialog could not be opened', { error: String(error) })
    return 'Slack did not open the dialog, and nothing was done: please click again.'
  }
}

/** The modal that the action asks with, if any. */
async function viewFor({ table, rules }: Slice, ask: Ask): Promise<Record<string, unknown> | undefined> {
  const action = ACTIONS[ask.do]
  const asks = action.on === 'incident' ? ask.choice === undefined : true
  if (action.on === 'all runs' || !action.dialog || !asks) return undefined
  const incident = await look(table, (board) => incidentOf(board, ask.incident))
  if (!incident) return undefined
  if (action.on === 'incident') return action.dialog.view(incident, rules)
  const run = runOf(incident, ask.choice)
  return run && action.shown(run, { stopped: undefined, isLast: true })
    ? action.dialog({ incident, run, rules })
    : undefined
}

async function answered(
  runtime: Slice,
  { ask, who, block }: Extract<Interaction, { is: 'answer' }>,
): Promise<Response> {
  const told = await actOnce(runtime, ask, who)
  if (told === undefined) return OK
  const body = JSON.stringify(
    block === undefined
      ? { response_action: 'update', view: answerView(told) }
      : { response_action: 'errors', errors: { [block]: told } },
  )
  return { statusCode: 200, body, headers: { 'content-type': 'application/json' } }
}

/** Safe to call repeatedly: what was done already changes nothing, and says who did it. Returns what to tell only the person. */
export async function actOnce(
  runtime: Omit<Slice, 'dialogs' | 'secrets'>,
  ask: Ask,
  who: Person,
): Promise<string | undefined> {
  return throughDoor(runtime, {
    concerns: ask.incident,
    async move(draft) {
      const archived = isOnBoard(draft.board, ask.incident)
        ? undefined
        : await readIncident(runtime.table, ask.incident)
      // A click on an old message: its incident comes back onto the board, and leaves it again if nothing was done.
      if (archived) draft.bringBack(await asToldNow(runtime, archived))
      const denied = await whyDenied(runtime, decidersOf(draft.board, ask, draft.rules), who.id)
      const told = act(draft, ask, { who, denied })
      if (archived && !draft.touched.has(archived.id)) draft.leave(archived.id)
      return told
    },
  })
}

/** What 0.1.0 let go was told in its only channel. */
async function asToldNow({ table, rules }: Pick<Slice, 'table' | 'rules'>, incident: Incident): Promise<Incident> {
  if (incident.places) return incident
  const home = commonChannel(rules)
  await handOver(table, home, { of: incident.id, tag: incident.id, old: incident.slack })
  return { ...incident, places: [home] }
}

/** Why this person may not decide; undefined if they may. What is safe in any case is not refused because Slack does not say who somebody is. */
async function whyDenied(
  runtime: Pick<Slice, 'people' | 'log' | 'table' | 'clock'>,
  { lists, isSafe }: Deciders,
  user: string,
): Promise<Denial | undefined> {
  if (!lists || lists.some(({ ids }) => ids.includes(user))) return undefined
  const { key } = lists[0]!
  const people = remembering(runtime.people, runtime.table, runtime.clock.now)
  const isForMembers = lists.some(({ ids }) => ids.length === 0)
  const asked = [
    ...(isForMembers ? [() => people.isFullMember(user)] : []),
    () => isInGroup({ ...runtime, people }, lists, user),
  ]
  const failures: unknown[] = []
  for (const isOne of asked)
    if (await isOne().catch((error: unknown) => (failures.push(error), false))) return undefined
  const [failure] = failures
  if (failure !== undefined && isSafe) return undefined
  if (failure instanceof Refused) return { key, unknown: failure.message }
  if (failure !== undefined) {
    runtime.log('warn', 'Slack does not say who may decide', { user, error: reasonOf(failure) })
    return { key, unknown: NOT_KNOWN }
  }
  return { key, anyMember: isForMembers }
}

const NOT_KNOWN =
  'Slack does not say just now whether you may decide on runbooks, and nothing was done: please try again in a moment.'

async function isInGroup(
  { people, log }: Pick<Slice, 'people' | 'log'>,
  lists: readonly Approvers[],
  user: string,
): Promise<boolean> {
  const asked = [...new Set(lists.flatMap(({ ids }) => ids.filter((id) => id.startsWith('S'))))]
  const failures: unknown[] = []
  const found = await Promise.all(
    asked.map((group) =>
      people.isIn(group, user).catch((error: unknown) => {
        log('warn', 'a user group could not be looked up', { group, error: String(error) })
        failures.push(error)
        return false
      }),
    ),
  )
  if (found.includes(true)) return true
  if (failures.length > 0) throw failures[0]
  return false
}
