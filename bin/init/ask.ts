// The few questions of `tocsin init`, each answered by an option or by the person; in scripts by its default.
import { UserError } from '../load-config.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { cut } from '../terminal/words.ts'
import type { ServiceInput } from './found.ts'
import type { Proposal } from './propose.ts'

export interface Answers {
  channel: string
  timeZone: string
  approvers: string[]
  emails: string[]
}

export interface Given {
  channel: string | undefined
  timeZone: string | undefined
  approvers: string | undefined
  emails: string | undefined
  /** Nobody may be asked. */
  yes: boolean
}

type Check = (answer: string) => true | string

const isZone: Check = (zone) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return 'is not a time zone; write one like Europe/Zurich or UTC'
  }
}
const each =
  (pattern: RegExp, problem: string): Check =>
  (answer) =>
    listOf(answer).every((one) => pattern.test(one)) || problem
const areIds = each(
  /^[UWS][A-Z0-9]{5,}$/,
  'is not a list of Slack ids; they look like U012AB3CD (a person) or S012AB3CD (a user group)',
)
const areMails = each(/^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+$/, 'is not a list of e-mail addresses')
const isChannel: Check = (name) =>
  /^(#?[^\s#A-Z]{1,80}|[CG][A-Z0-9]{6,})$/.test(name) || 'is not a channel; write one like #incidents, or its id'

export const listOf = (answer: string): string[] => answer.split(/[\s,]+/).filter((one) => one !== '')

export async function askBasics(given: Given, terminal: Terminal): Promise<Answers> {
  const ask = async (
    option: string,
    value: string | undefined,
    { question, initial, check }: { question: string; initial: string; check: Check },
  ): Promise<string> => {
    if (value === undefined && !given.yes)
      return (await terminal.ask.text(question, initial, orEmpty(check, initial))).trim()
    const problem = value === undefined || value === '' ? true : check(value)
    if (problem !== true) throw new UserError(`--${option} ${JSON.stringify(value)} ${problem}`)
    return value ?? initial
  }
  if (given.channel === undefined && given.yes)
    throw new UserError('which Slack channel? Give --channel, like --channel "#incidents"')
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return {
    channel: await ask('channel', given.channel, {
      question: 'Which Slack channel?',
      initial: '#incidents',
      check: isChannel,
    }),
    timeZone: await ask('time-zone', given.timeZone, {
      question: 'In which time zone is it morning for you?',
      initial: zone,
      check: isZone,
    }),
    approvers: listOf(
      await ask('approvers', given.approvers, {
        question:
          'Who may approve a fix? Slack ids of people (U…) or groups (S…); none: any full member of the workspace:',
        initial: '',
        check: areIds,
      }),
    ),
    emails: listOf(
      await ask('emails', given.emails, {
        question: 'Who is told by e-mail when Tocsin itself fails? None yet is fine:',
        initial: '',
        check: areMails,
      }),
    ),
  }
}

const orEmpty =
  (check: Check, initial: string): Check =>
  (answer) => {
    if (answer.trim() === '' && initial === '') return true
    const problem = check(answer.trim())
    return problem === true ? true : `This ${problem}`
  }

/** Which of the proposals to take. */
export async function pickServices(proposals: Proposal[], yes: boolean, terminal: Terminal): Promise<Proposal[]> {
  if (yes || proposals.length === 0) return proposals.filter(({ isPicked }) => isPicked)
  const width = Math.min(40, Math.max(...proposals.map(({ id }) => id.length)))
  const choices = proposals.map((proposal) => ({
    value: proposal,
    short: proposal.id,
    name: `${cut(proposal.id, width).padEnd(width)}  ${proposal.what}${proposal.alarms > 0 ? `, ${proposal.alarms} alarm${proposal.alarms === 1 ? '' : 's'}` : ''}`,
    checked: proposal.isPicked,
  }))
  return terminal.ask.pick('Which of these are services of yours?', choices)
}

/** Without an account to look at: names, and what calls what. */
export async function askServices(terminal: Terminal): Promise<Record<string, ServiceInput>> {
  const ids = listOf(await terminal.ask.text('Which services do you have? Their short names, with commas between:', ''))
  const services: Record<string, ServiceInput> = {}
  for (const id of ids) {
    const others = ids.filter((other) => other !== id).map((value) => ({ value, name: value }))
    const dependsOn = others.length === 0 ? [] : await terminal.ask.pick(`What does ${id} call or use?`, others)
    services[id] = dependsOn.length > 0 ? { dependsOn } : {}
  }
  return services
}

/** `web=api,cache`: a service, and what it depends on. */
export function servicesGiven(given: readonly string[]): Record<string, ServiceInput> {
  const entries = given.map((text): [string, ServiceInput] => {
    const [id = '', calls = ''] = text.split(/=(.*)/s)
    if (id === '')
      throw new UserError(
        `--service ${JSON.stringify(text)} has no name; write --service api or --service web=api,cache`,
      )
    const dependsOn = listOf(calls)
    return [id, dependsOn.length > 0 ? { dependsOn } : {}]
  })
  return Object.fromEntries(entries)
}
