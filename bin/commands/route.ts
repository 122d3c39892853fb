// `tocsin route`: who would be told of an alarm, where, and why; from the config alone.
import { onCallOf } from '../../lambda/core/escalate/escalation.ts'
import { testAlarmIn } from '../../lambda/core/facts/test-alarm.ts'
import { timeOf } from '../../lambda/core/intake/envelopes.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { reasonFor, type Facts } from '../../lambda/core/services/matching.ts'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import { approversOf, channelOf, stepsOf } from '../../lambda/core/services/teams.ts'
import { channelWords, clock, duration, people } from '../../lambda/core/words/words.ts'
import { parse, type Command } from '../command.ts'
import { DEFAULT_CONFIG, loadConfig, UserError } from '../load-config.ts'
import { printable, WIDTH, wrap } from '../terminal/words.ts'

const HELP = `tocsin route: who would be told of an alarm, where, and why. It reads only the config.

  --alarm NAME           the alarm's name
  --dimension K=V        a dimension of its metric; once for each
  --namespace NAME, --metric NAME, --account ID, --region NAME
                         what else matchers may look at; what is left out fits no matcher that asks for it
  --home ID              the account of Tocsin itself: alarms of other accounts, unless they are in \`accounts\`, then belong to no service by
                         name; by default every account is trusted
  --at TIME              when it fires, like 2024-05-02T14:45:00Z; by default now
  --config FILE          TypeScript or JSON; by default ${DEFAULT_CONFIG}
  --json                 one JSON object on stdout: { alarm, ignored, service, title, why, team, channel, calls: [{ at, who }], approvers }

It is told as if it came alone. An alarm that joins an open incident is told where that lives, and its own team has a line in its channel.

Exit code 0: it ran. 2: it could not, and says why.
`

const OPTIONS = {
  alarm: { type: 'string' },
  dimension: { type: 'string', multiple: true },
  namespace: { type: 'string' },
  metric: { type: 'string' },
  account: { type: 'string' },
  region: { type: 'string' },
  home: { type: 'string' },
  at: { type: 'string' },
  config: { type: 'string', default: DEFAULT_CONFIG },
  json: { type: 'boolean', default: false },
} as const

export const command: Command = {
  help: HELP,
  async run(args, terminal) {
    const { alarm, dimension = [], home, at, config: file, json, ...others } = parse('route', args, OPTIONS)
    if (!alarm) throw new UserError('which alarm? Give --alarm NAME; see tocsin route --help')
    const when = at === undefined ? Date.now() : timeOf(at)
    if (when === undefined)
      throw new UserError(`--at ${JSON.stringify(at)} is no time; write it like 2024-05-02T14:45:00Z`)
    if (home !== undefined && !/^\d{12}$/.test(home))
      throw new UserError(`--home ${JSON.stringify(home)} is no account; write its id, 12 digits`)
    const config = await loadConfig(file)
    const facts: Facts = { name: alarm, dimensions: dimensionsOf(dimension), ...others }
    const route = routeOf(facts, when, config, home)
    await terminal.print(json ? `${JSON.stringify(route)}\n` : tell(route, config))
  },
}

function dimensionsOf(given: readonly string[]): Record<string, string> {
  const pairs = given.map((pair) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    if (name === undefined)
      throw new UserError(`--dimension ${JSON.stringify(pair)} has no value; write it like QueueName=orders`)
    return [name, value!] as const
  })
  return Object.fromEntries(pairs)
}

interface Route {
  alarm: string
  /** Why nobody hears of it. */
  ignored: string | null
  service: string
  title: string
  why: string
  team: string | null
  channel: string
  /** While nobody acknowledges it. */
  calls: { at: string; afterSeconds: number; who: readonly string[] }[]
  /** Who may decide on its runbooks; nobody: any full member of the workspace. */
  approvers: readonly string[]
}

function routeOf(facts: Facts, when: number, config: Config, home: string | undefined): Route {
  const rules = rulesOf(config, { account: home })
  const { name: alarm } = facts
  const service = rules.serviceOf(facts)
  const team = rules.teamOf(service)
  const steps = testAlarmIn(alarm)?.calls === false ? [] : stepsOf(team, config)
  return {
    alarm,
    ignored: rules.isOwn(facts)
      ? 'it is about Tocsin itself, and goes by e-mail'
      : (rules.whyIgnored({ ...facts, key: '', state: 'ALARM', at: when }) ?? null),
    service,
    title: rules.titleOf(service),
    why: whyTest(alarm, config) ?? reasonFor(facts, config.services, rules.trusts, config.deploy.name),
    team: team ?? null,
    channel: channelOf(team, config),
    calls: steps.map(({ afterSeconds, notify }) => ({
      at: new Date(when + afterSeconds * 1000).toISOString(),
      afterSeconds,
      who: notify,
    })),
    approvers: approversOf(team, config).ids,
  }
}

function whyTest(alarm: string, { teams }: Config): string | undefined {
  const test = testAlarmIn(alarm)
  if (!test) return undefined
  const isUnknown = test.team !== undefined && !Object.hasOwn(teams, test.team)
  return `a test alarm of Tocsin${isUnknown ? `; the config has no team ${JSON.stringify(test.team)}` : ''}`
}

const LABEL = 11

function tell({ alarm, ignored, service, title, why, team, channel, calls }: Route, config: Config): string {
  const line = (label: string, text: string): string =>
    `  ${label.padEnd(LABEL)}${wrap(printable(text), WIDTH, LABEL + 2)}`
  if (ignored !== null) return `\n${printable(alarm)}\n${line('ignored', ignored)}\n\n`
  const owner = team === null ? undefined : config.teams[team]!
  const called = calls.map(
    ({ at, afterSeconds, who }) =>
      `${people(who)} at ${clock(Date.parse(at), config.timeZone)} (after ${duration(afterSeconds * 1000)})`,
  )
  const nobody = testAlarmIn(alarm) ? 'nobody: it is a test' : 'nobody: there is no `escalation`'
  const { key, ids } = approversOf(team ?? undefined, config)
  const onCall = onCallOf(team ?? undefined, config)
  const rows = [
    line('service', `${title === service ? service : `${title} (${service})`}: ${why}`),
    line('team', owner ? `${owner.title}, which owns it` : 'none owns it'),
    line('told in', `${channelWords(channel)}${owner ? '' : ', the channel for what belongs to no team'}`),
    line('called', called.length > 0 ? `${called.join(', then ')}; not once somebody has acknowledged it` : nobody),
    line('hand-over', onCall.length > 0 ? `${people(onCall)}, when a runbook cannot go on` : 'nobody is mentioned'),
    line('approves', ids.length > 0 ? `${people(ids)} (${key})` : 'any full member of the workspace'),
  ]
  return `\n${printable(alarm)}\n${rows.join('\n')}\n\n`
}
