// The user's config with every default filled in: the shape that all stages read.
import { DEFAULT_STACK } from '../facts/stack-name.ts'
import type { Kind, Severity, Signal } from '../facts/signals.ts'
import type { SignalRule } from '../facts/metrics.ts'
import type { Watch } from '../facts/thresholds.ts'
import type { Target } from '../../config/target.ts'

export type { Target }

export interface Matcher {
  name?: string
  namespace?: string
  metric?: string
  dimensions?: Record<string, string>
  account?: string
  region?: string
}

export interface Service {
  title: string
  kind: Kind
  dependsOn: string[]
  alarms: Matcher[]
  statusPage: string[]
  target?: Target
  /** Makes the recommended alarms for its target; thresholds can be set one by one. */
  watch: boolean | Watch
  /** How long it waits for what it calls. */
  timeoutSeconds?: number
  /** The team that owns it. */
  team?: string
  /** Addresses by label: shown where something is wrong with it. */
  links?: Record<string, string>
}

export interface Step {
  afterSeconds: number
  notify: string[]
}

/** Without steps or approvers of its own, those of the whole config are its. */
export interface Team {
  title: string
  channel: string
  escalation?: Step[]
  approvers?: string[]
}

/** What an alarm that fits means for the severity of its incident. */
export interface SeverityRule {
  when: Matcher
  is: Severity
}

export interface Correlation {
  windowSeconds: number
  resolveGraceSeconds: number
  reopenWindowSeconds: number
  holdSeconds: number
  flap: { changes: number; withinSeconds: number }
}

export interface Config {
  slack: { channel: string; approvers: string[] }
  timeZone: string
  services: Record<string, Service>
  teams: Record<string, Team>
  signals: SignalRule[]
  /** Names of accounts, for people. What comes from these may belong to a service by its name alone. */
  accounts: Record<string, string>
  /** No news, besides what is ignored by default. */
  ignore: Matcher[]
  ignoreTargetTracking: boolean
  /** The first that fits counts. */
  severity: SeverityRule[]
  correlation: Correlation
  escalation: Step[]
  runbooks: RunbookRule[]
  remediation: Remediation
  statusPage?: Record<string, unknown>
  watchdog: Watchdog
  deploy: Deploy
}

/** When a runbook is proposed, or runs by itself. */
export interface RunbookRule {
  runbook: string
  when: { service?: string; signals?: Signal[] }
  mode: 'suggest' | 'auto'
  approvals: number
  with: Record<string, unknown>
  /** What the recipe says about itself; filled in when the config is checked. */
  about: { title: string; needs: (keyof Target)[]; destructive: boolean }
}

export interface Remediation {
  /** Nothing runs. The same switch is in Slack. */
  stopped: boolean
  /** After a run, nothing touches its target for this long. */
  cooldownSeconds: number
  /** Runs of one target within an hour. */
  perHour: number
  /** Automatic runs within an hour, over all runbooks; any further run asks first. */
  autoPerHour: number
  /** A proposal that nobody has approved by then is no longer valid. */
  expirySeconds: number
  /** A fix that worked this many times within this many days hides a fault: a person is told. */
  recurrence: { times: number; days: number }
}

export const REMEDIATION: Remediation = {
  stopped: false,
  cooldownSeconds: 600,
  perHour: 3,
  autoPerHour: 3,
  expirySeconds: 3600,
  recurrence: { times: 3, days: 7 },
}

export interface Watchdog {
  /** Told when Tocsin itself does not work. */
  emails: string[]
  /** How often an alarm of Tocsin's own passes from end to end; 0: never. */
  syntheticMinutes: number
  dashboard: boolean
}

export interface Deploy {
  /** The name of the stack. */
  name: string
  /** The AWS organization whose accounts may send alarms. */
  organization?: string
  customerKey: boolean
  logDays: number
  /** The network for runbooks that reach a broker without a public address. */
  vpc?: { subnets: string[]; securityGroups: string[] }
  /** Concurrent requests to the function URL, reserved; 0: as many as the account has. */
  clicksAtOnce: number
}

export const WATCHDOG: Watchdog = { emails: [], syntheticMinutes: 15, dashboard: true }
/**
 * Ten at once are a hundred a second (Lambda takes ten a second for each), far more than people click. Flooding the URL then costs about 8 USD
 * a day (8.6 million requests 1.73, their 5 ms 0.58, 6 GB of logs 3.00, traces 2.20) and takes no concurrency from the alarms. Lambda refuses a
 * reservation that leaves less than 100 for all others, as in a new account, whose whole quota is 10: there the first deployment fails, and
 * `npx tocsin doctor` says so beforehand.
 */
export const DEPLOY = {
  name: DEFAULT_STACK,
  customerKey: false,
  logDays: 30,
  clicksAtOnce: 10,
} as const satisfies Deploy

/**
 * In seconds. The window is how long after an incident's last change a tied alarm still joins it; the grace time is how long everything must
 * stay quiet before an incident resolves; the reopen window is how long after that a refire continues the same incident and thread.
 */
export const CORRELATION: Correlation = {
  windowSeconds: 1800,
  resolveGraceSeconds: 300,
  reopenWindowSeconds: 3600,
  holdSeconds: 0,
  flap: { changes: 6, withinSeconds: 3600 },
}
