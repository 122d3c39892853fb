// What a runbook would do, whole: the question before it may, and the details with every call.
import { plain, SECTION_MOST, text, type Block } from './blocks.ts'
import { code, safe } from './mrkdwn.ts'
import type { Incident } from '../../incident/incident.ts'
import type { PlannedStep, Run } from '../../incident/run.ts'
import type { Rules } from '../../services/rules.ts'

/** Slack: 100 blocks a modal, 24 characters for its title and its buttons. https://docs.slack.dev/reference/views/modal-views */
const BLOCKS_MOST = 100

interface Shown {
  incident: Incident
  run: Run
  rules: Rules
}

/** Asks; submitting it is the approval. */
export const questionView = (shown: Shown): Record<string, unknown> => ({
  ...view('approve', 'Approve?', shown, linesOf(shown, false)),
  submit: plain('Approve'),
  close: plain('Not now'),
})

export const detailsView = (shown: Shown): Record<string, unknown> => ({
  ...view('details', 'What it does', shown, linesOf(shown, true)),
  close: plain('Close'),
})

/** Instead of the question, once it was answered in vain. */
export const answerView = (words: string): Record<string, unknown> => ({
  type: 'modal',
  title: plain('Approve?'),
  close: plain('Close'),
  blocks: sections([safe(words)]),
})

const view = (id: string, title: string, { incident, run }: Shown, lines: string[]): Record<string, unknown> => ({
  type: 'modal',
  callback_id: id,
  private_metadata: `${incident.id} ${run.id}`,
  title: plain(title),
  blocks: sections(lines).slice(0, BLOCKS_MOST),
})

/** Nothing is cut: what does not fit into one section goes into the next. */
function sections(lines: readonly string[]): Block[] {
  const all: string[] = []
  for (const line of lines) {
    const last = all.at(-1)
    if (last !== undefined && last.length + line.length + 1 <= SECTION_MOST) all[all.length - 1] = `${last}\n${line}`
    else all.push(line)
  }
  return all.map((words) => ({ type: 'section', text: text(words) }))
}

function linesOf({ run, rules }: Shown, withCalls: boolean): string[] {
  const { found = '', steps = [], scope } = run.plan ?? {}
  return [
    `*${safe(run.title)}* on ${safe(rules.titleOf(run.service))}`,
    safe(found),
    ...(scope && scope.words !== '' ? [`*Acts on:* ${safe(scope.words)}`] : []),
    ...steps.flatMap((step, place) => stepLines(step, place, withCalls)),
  ].filter((line) => line !== '')
}

/** One step of the plan, in the message as in the dialogs. */
export const stepLine = ({ name, touches }: PlannedStep, place: number): string =>
  `*${place + 1}.* ${safe(name)}: ${safe(touches)}`

const stepLines = (step: PlannedStep, place: number, withCalls: boolean): string[] => [
  stepLine(step, place),
  ...(step.back === undefined ? [] : [`      ↩️ ${safe(step.back)}`]),
  ...(withCalls ? step.calls.map((call) => `      ${code(call)}`) : []),
]
