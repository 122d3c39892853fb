// Respond: a click comes in from Slack; checks that it is Slack's, does what it means once, and answers within Slack's three seconds.
import { readInteraction, unrelatedDialog, type Interaction } from '../core/respond/interaction.ts'
import { act, NEEDS_APPROVER, type Action, type Answer } from '../core/respond/act.ts'
import type { Board } from '../core/incident/board.ts'
import type { Person } from '../core/incident/person.ts'
import { isFromSlack } from '../core/respond/signature.ts'
import type { Runtime } from '../ports/runtime.ts'
import { follow } from '../store/change-and-tell.ts'
import { change, look, lookUp } from '../store/board.ts'

export interface Request {
  headers: Record<string, string | undefined>
  rawBody: string
}

export interface Response {
  statusCode: number
  body: string
  headers?: Record<string, string>
}

type Slice = Pick<
  Runtime,
  'table' | 'clock' | 'notices' | 'timers' | 'runs' | 'groups' | 'dialogs' | 'secrets' | 'rules' | 'log'
>

const OK: Response = { statusCode: 200, body: '' }

export async function respond(runtime: Slice, request: Request): Promise<Response> {
  const { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature } = request.headers
  const secrets = await runtime.secrets.signingSecrets()
  if (!isFromSlack({ timestamp, signature, rawBody: request.rawBody }, secrets, runtime.clock.now())) {
    runtime.log('warn', 'a request that Slack did not sign, or not now', { timestamp })
    return { statusCode: 401, body: 'not signed by Slack' }
  }
  let interaction: Interaction
  try {
    interaction = readInteraction(request.rawBody)
  } catch {
    return { statusCode: 400, body: 'the payload is not JSON' }
  }
  if (interaction.is === 'action') return clicked(runtime, interaction)
  return interaction.is === 'answer' ? answered(runtime, interaction) : OK
}

async function clicked(
  runtime: Slice,
  { action, who, responseUrl, triggerId }: Extract<Interaction, { is: 'action' }>,
): Promise<Response> {
  if (action.do === 'unrelated' && action.choice === undefined && triggerId !== undefined) {
    const incident = (await look(runtime)).incidents[action.incident]
    if (incident) {
      await runtime.dialogs.open(triggerId, unrelatedDialog(incident, runtime.rules))
      return OK
    }
  }
  const { told } = await perform(runtime, action, who)
  if (told !== undefined && responseUrl !== undefined) await runtime.dialogs.whisper(responseUrl, told)
  return OK
}

async function answered(
  runtime: Slice,
  { action, who, block }: Extract<Interaction, { is: 'answer' }>,
): Promise<Response> {
  const { told } = await perform(runtime, action, who)
  if (told === undefined) return OK
  const body = JSON.stringify({ response_action: 'errors', errors: { [block]: told } })
  return { statusCode: 200, body, headers: { 'content-type': 'application/json' } }
}

/** Acts once, however often it is called: what was done already changes nothing and says who did it. */
export async function perform(
  runtime: Omit<Slice, 'dialogs' | 'secrets'>,
  action: Action,
  who: Person,
): Promise<Answer> {
  const now = runtime.clock.now()
  const isApprover = !NEEDS_APPROVER.has(action.do) || (await mayApprove(runtime, who.id))
  let answer: Answer = {}
  await change(runtime, [], async ({ board }) => {
    const known = await withArchived(runtime, board, action.incident)
    answer = act(known, action, who, runtime.rules, now, isApprover)
    return answer.board && { board: answer.board }
  })
  // Also where nothing was done: the one who did it may have crashed before telling.
  await follow(
    runtime,
    answer.board ?? (await look(runtime)),
    new Set([action.incident, ...(answer.touched ?? [])]),
    now,
  )
  await runtime.notices.changed()
  return answer
}

/** A click on an old message: its incident comes back onto the board if it can. */
async function withArchived(runtime: Pick<Slice, 'table'>, board: Board, id: string): Promise<Board> {
  const archived = board.incidents[id] ? undefined : await lookUp(runtime, id)
  return archived ? { ...board, incidents: { ...board.incidents, [id]: archived } } : board
}

/** Where the config names nobody, everybody in the channel may. */
async function mayApprove({ rules, groups }: Pick<Slice, 'rules' | 'groups'>, user: string): Promise<boolean> {
  const { approvers } = rules.config.slack
  if (approvers.length === 0 || approvers.includes(user)) return true
  for (const group of approvers) if (group.startsWith('S') && (await groups.has(group, user))) return true
  return false
}
