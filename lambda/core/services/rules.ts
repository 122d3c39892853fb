// The config, prepared for thousands of lookups: which service, which signal, who depends on whom. Built once per process.
import { hash } from 'node:crypto'
import type { Change } from '../incident/alarm.ts'
import { signalInName } from '../facts/alarm-name.ts'
import { signalOf } from '../facts/metrics.ts'
import type { Severity, Signal } from '../facts/signals.ts'
import type { Config, Service } from './config.ts'
import { graphOf, type Graph } from './dependencies.ts'
import { ignoredBy } from './ignored.ts'
import { OWN_ALARMS } from '../facts/own-alarms.ts'
import { madeBy } from '../facts/stack-name.ts'
import { sender, serviceFinder, testFor, type Facts, type PlaceOf, type Trust } from './matching.ts'
import { teamOf } from './teams.ts'
import { testAlarmIn } from '../facts/test-alarm.ts'
import { own } from '../words/words.ts'

export interface Rules {
  config: Config
  /** The same for the same config, and for no other. */
  fingerprint: string
  graph: Graph
  serviceOf(change: Facts): string
  signalOf(change: Change): Signal
  trusts: Trust
  /** About Tocsin itself. */
  isOwn(change: Facts): boolean
  /** Why an alarm is no news; undefined if it is. */
  whyIgnored(change: Change): string | undefined
  /** What the config says of an alarm; undefined if it says nothing. */
  severityOf(change: Facts): Severity | undefined
  titleOf(service: string): string
  /** What people call an AWS account. */
  accountName(id: string): string
  /** The team of the config that owns it. */
  teamOf(service: string): string | undefined
  hasTeams: boolean
  service(id: string): Service
}

/** An object cannot have an entry under this key. */
export const UNUSABLE_ID = '__proto__'

const UNKNOWN: Omit<Service, 'title'> = { kind: 'service', dependsOn: [], alarms: [], statusPage: [], watch: false }

/** Where Tocsin itself is. */
export interface Home {
  account?: string | undefined
  region?: string | undefined
  /** A replay has no account of its own: it takes every account for one that is named in the config. */
  trustsAll?: boolean
}

/** `home`: without its account, every account is trusted. */
export function rulesOf(config: Config, home: Home = {}): Rules {
  const trusts: Trust = (account) =>
    home.trustsAll === true ||
    home.account === undefined ||
    account === undefined ||
    account === home.account ||
    Object.hasOwn(config.accounts, account)
  const accountName = (id: string): string => own(config.accounts, id) ?? id
  const placeOf: PlaceOf = ({ account, region }) => {
    const other = account === home.account || home.account === undefined ? undefined : account
    const parts = [
      other && accountName(other),
      region === home.region || home.region === undefined ? undefined : region,
    ].filter((part) => part !== undefined)
    return parts.length > 0 ? parts.join(' ') : undefined
  }
  const find = serviceFinder(config.services, trusts, placeOf, config.deploy.name)
  const isTest = (change: Facts): boolean =>
    testAlarmIn(change.name) !== undefined && madeBy(change.name) === config.deploy.name && trusts(sender(change))
  const serviceOf = (change: Facts): string => {
    const service = isTest(change) ? change.name : find(change)
    return service === UNUSABLE_ID ? 'an alarm without a usable name' : service
  }
  const ignored = ignoredBy(config)
  const severities = config.severity.map(({ when, is }) => ({ fits: testFor(when), is }))
  const has = (id: string): boolean => Object.hasOwn(config.services, id)
  return {
    config,
    fingerprint: hash('sha256', JSON.stringify(config), 'base64url').slice(0, 22),
    graph: graphOf(config.services),
    serviceOf,
    signalOf(change) {
      const signal = signalInName(change.name)
      const facts = change.computed ? { ...change, side: undefined } : change
      return signalOf(facts, signal ? [...config.signals, { signal }] : config.signals)
    },
    trusts,
    isOwn: (change) => change.name.startsWith(OWN_ALARMS) && trusts(sender(change)),
    whyIgnored(change) {
      const by = madeBy(change.name)
      if (by !== undefined && by !== config.deploy.name && trusts(sender(change)))
        return `made by the Tocsin of the stack ${by}, which tells of it`
      return isTest(change) ? undefined : ignored(change)
    },
    severityOf: (change) => severities.find(({ fits }) => fits(change))?.is,
    titleOf: (id) => (has(id) ? config.services[id]!.title : (testTitle(id, config) ?? id)),
    accountName,
    teamOf: (service) => teamOf(service, config),
    hasTeams: Object.keys(config.teams).length > 0,
    service: (id) => (has(id) ? config.services[id]! : { ...UNKNOWN, title: id }),
  }
}

function testTitle(service: string, { teams }: Config): string | undefined {
  const test = testAlarmIn(service)
  if (!test) return undefined
  const { team } = test
  return team === undefined ? 'TEST' : `TEST for ${own(teams, team)?.title ?? team}`
}
