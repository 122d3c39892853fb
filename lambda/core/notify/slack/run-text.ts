// A runbook in the incident's message: what it would do in numbers, how far it is, how it ended, and its buttons.
import { SECTION_MOST, section, type Block } from './blocks.ts'
import type { Incident } from '../../incident/incident.ts'
import { cut, duration, enumerate } from '../../words/words.ts'
import { code, safe, time } from './mrkdwn.ts'
import { stepLine } from './run-dialog.ts'
import type { Rules } from '../../services/rules.ts'
import type { PlannedStep, Remediations, Run, RunStep } from '../../incident/run.ts'
import { expiresAt } from '../../remediate/clocks.ts'
import { runButtons } from './buttons.ts'

/** Older ones are in the thread. */
const RUNS_SHOWN = 2
const STEPS_SHOWN = 8

export function runBlocks(incident: Incident, stopped: Remediations['stopped'], rules: Rules): Block[] {
  const shown = (incident.runs ?? []).slice(-RUNS_SHOWN)
  return shown.flatMap((run, place) => {
    const isLast = place === shown.length - 1
    return [section(cut(runText(run, rules), SECTION_MOST)), ...runButtons(incident, run, { stopped, isLast })]
  })
}

function runText(run: Run, rules: Rules): string {
  const { timeZone } = rules.config
  const head = `🛠️ *${safe(run.title)}* on ${safe(rules.titleOf(run.service))}`
  const why = run.why === undefined ? '' : `\n${safe(run.why)}`
  switch (run.status) {
    case 'looking':
      return `${head}: looking at what it would do`
    case 'proposed': {
      const votes = run.needed > 1 ? `, ${run.approvals.length} of ${run.needed} approvals` : ''
      const valid = `valid until ${time(expiresAt(run, rules.config), timeZone)}`
      return `${head}: *proposed*${votes}, ${valid}${why}\n${safe(run.plan?.found ?? '')}${scopeText(run)}\n${planText(run.plan?.steps ?? [])}`
    }
    case 'approved':
    case 'running':
    case 'verifying':
      return `${head}: ${byWhom(run)}, ${run.status === 'verifying' ? 'done; checking whether it helped' : 'under way'}\n${safe(run.plan?.found ?? '')}${stepsText(run, timeZone)}`
    case 'succeeded':
      return `${head}: ${run.left ? '◐' : '✅'} *helped*${tookText(run)}, ${byWhom(run)}${why}${run.left ? leftText(run) : stepsText(run, timeZone)}`
    case 'failed':
      return `${head}: ❌ *${run.actedAt === undefined ? 'could not finish' : 'did not help'}*, ${byWhom(run)}. Please take over.${why}${stepsText(run, timeZone)}${leftText(run)}`
    case 'rejected':
    case 'expired':
    case 'withdrawn':
      return `${head}: not run${why === '' ? '' : `, ${safe(run.why!)}`}`
    default:
      return run.status satisfies never
  }
}

/** One line for each thing, the command where nobody has a button for it, and how far the one is that is being done. */
function leftText({ left }: Run): string {
  if (!left) return ''
  const lines = left.items.map(({ id, text, command, offer }) => {
    const how = command === undefined || offer ? '' : `\n      ${code(command)}`
    const doing = left.doing?.id === id ? `\n      ⏳ ${safe(left.doing.text ?? 'asked for')}` : ''
    const failed = left.failed?.id === id ? `\n      ❌ ${safe(left.failed.why)}` : ''
    return `\n☐ ${safe(text)}${how}${doing}${failed}`
  })
  return `\n*Left to do*${lines.join('')}`
}

const byWhom = ({ approvals }: Run): string =>
  approvals.length > 0 ? `approved by ${enumerate(approvals.map(({ by }) => `<@${by.id}>`))}` : 'by itself'

const tookText = ({ startedAt, endedAt }: Run): string =>
  startedAt === undefined || endedAt === undefined ? '' : ` after ${duration(endedAt - startedAt)}`

/** What an approval covers, and no more than that. */
function scopeText({ plan }: Run): string {
  const { words = '' } = plan?.scope ?? {}
  return words === '' ? '' : `\n*Acts on:* ${safe(words)}`
}

/** The calls, and how each is taken back, stand whole behind Details. */
const planText = (steps: readonly PlannedStep[]): string => steps.slice(0, STEPS_SHOWN).map(stepLine).join('\n')

const MARK: Record<RunStep['status'], string> = { running: '⏳', done: '✔️', failed: '❌', undone: '↩️' }

function stepsText({ steps, plan }: Run, timeZone: string): string {
  const begun = steps.slice(-STEPS_SHOWN).map(({ name, status, at, endedAt, text }) => {
    const took = endedAt === undefined ? '' : `, ${duration(endedAt - at)}`
    return `\n${MARK[status]} ${time(at, timeZone)} ${safe(name)}${took}${text === undefined ? '' : `: ${safe(text)}`}`
  })
  const left = (plan?.steps ?? [])
    .slice(steps.length, steps.length + STEPS_SHOWN)
    .map(({ name }) => `\n◻️ ${safe(name)}`)
  return begun.join('') + (steps.some(({ status }) => status !== 'done' && status !== 'running') ? '' : left.join(''))
}
