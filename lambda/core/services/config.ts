// What the user decides, after every default is filled in: the shape that all stages read.
import type { Kind, Signal } from '../facts/signals.ts'
import type { SignalRule } from '../facts/metrics.ts'
import type { Watch } from '../facts/thresholds.ts'

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
}

/** What a service is made of: what runbooks act on and alarms can be made for. The schema says what each key means. */
export interface Target {
  role?: string
  region?: string
  rabbitmq?: {
    broker?: string
    api?: string
    amqp?: string
    secret?: string
    vhost: string
    queues: string[]
    maxConnections?: number
  }
  sqs?: { queue: string; deadLetters?: string }
  ecs?: { cluster: string; service: string; containerInsights?: boolean; roles?: string[] }
  autoScaling?: { group: string; paths?: string[] }
  ec2?: { instances: string[]; unit?: string; clean: string[]; paths: string[] }
  onPremises?: { hosts: string[]; paths?: string[] }
  rds?: { instance?: string; cluster?: string; storageGiB?: number; maxConnections?: number }
  alb?: { loadBalancer: string; targetGroup?: string }
  lambda?: { function: string; timeoutSeconds?: number; insights?: boolean }
  dynamodb?: { table: string; operations?: string[] }
  ebs?: { volumes: string[]; instance?: string }
  efs?: { fileSystem: string }
  timeout?: { parameter?: string; environment?: string; unit: 'seconds' | 'milliseconds' }
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
  signals: SignalRule[]
  correlation: Correlation
  escalation: { afterSeconds: number; notify: string[] }[]
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
  /** What the recipe says of itself; filled in when the config is checked. */
  about: { title: string; needs: (keyof Target)[]; destructive: boolean }
}

export interface Remediation {
  /** Nothing runs. The same switch is in Slack. */
  stopped: boolean
  /** After a run, nothing touches its target for so long. */
  cooldownSeconds: number
  /** Runs of one target within an hour. */
  perHour: number
  /** Automatic runs within an hour, of all runbooks; what comes then asks first. */
  autoPerHour: number
  /** A proposal that nobody approved is no longer valid. */
  expirySeconds: number
  /** A fix that worked so often within so many days hides something: a person is told. */
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
  /** An alarm passes from end to end so often; 0: never. */
  syntheticMinutes: number
  dashboard: boolean
}

export interface Deploy {
  /** Whose accounts may send alarms. */
  organization?: string
  customerKey: boolean
  logDays: number
  /** Where runbooks run that reach a broker without a public address. */
  vpc?: { subnets: string[]; securityGroups: string[] }
  /** Requests to the function URL that run at once, reserved; 0: as many as the account has. */
  clicksAtOnce: number
}

export const WATCHDOG: Watchdog = { emails: [], syntheticMinutes: 15, dashboard: true }
/**
 * Ten at once are a hundred a second (Lambda takes ten a second for each), far more than people click. A flood of the address then costs some 8 USD
 * a day (8.6 million requests 1.73, their 5 ms 0.58, 6 GB of logs 3.00, traces 2.20), and takes no function from the alarms. Lambda refuses
 * to reserve where less than 100 would be left for all others, as in a new account, whose whole quota is 10: there the first deployment fails,
 * and `npx tocsin doctor` says so before.
 */
export const DEPLOY = { customerKey: false, logDays: 30, clicksAtOnce: 10 } as const satisfies Deploy

/**
 * Seconds. The window is the gap since an incident's last change within which a tied alarm joins it; the grace is how long everything must
 * stay quiet before an incident resolves; the reopen window is how long after that a refire continues the same incident and thread.
 */
export const CORRELATION: Correlation = {
  windowSeconds: 1800,
  resolveGraceSeconds: 300,
  reopenWindowSeconds: 3600,
  holdSeconds: 0,
  flap: { changes: 6, withinSeconds: 3600 },
}
