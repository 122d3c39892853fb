// Whose service is it, where is that team told, whom does it call, and who decides on its runbooks?
import { testAlarmIn } from '../facts/test-alarm.ts'
import { own } from '../words/words.ts'
import type { Config, Step, Team } from './config.ts'

/** Undefined if no team of the config owns it. */
export function teamOf(service: string, { services, teams }: Pick<Config, 'services' | 'teams'>): string | undefined {
  const team = own(services, service)?.team ?? testAlarmIn(service)?.team
  return team !== undefined && Object.hasOwn(teams, team) ? team : undefined
}

const find = (team: string | undefined, { teams }: Pick<Config, 'teams'>): Team | undefined =>
  team === undefined ? undefined : own(teams, team)

/** What belongs to no team is told where what concerns Tocsin itself is told. */
export const channelOf = (team: string | undefined, config: Pick<Config, 'teams' | 'slack'>): string =>
  find(team, config)?.channel ?? config.slack.channel

export const stepsOf = (team: string | undefined, config: Config): readonly Step[] =>
  find(team, config)?.escalation ?? config.escalation

/** The people and groups who may decide on a runbook, and the key of the config that names them. Nobody: any full member of the workspace may. */
export interface Approvers {
  key: string
  ids: readonly string[]
}

export function approversOf(team: string | undefined, config: Config): Approvers {
  const mine = find(team, config)?.approvers
  return mine ? { key: `teams.${team}.approvers`, ids: mine } : { key: 'slack.approvers', ids: config.slack.approvers }
}

/** Every channel that something may be told in, each once; the common one first. */
export const channelsOf = ({ teams, slack }: Pick<Config, 'teams' | 'slack'>): string[] => [
  ...new Set([slack.channel, ...Object.values(teams).map(({ channel }) => channel)]),
]
