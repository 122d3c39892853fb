// What the user decides, after every default is filled in: the shape that all stages read.
import type { Kind, Signal, SignalRule } from './catalogue.ts'

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
  /** Makes the recommended alarms for its target. */
  watch: boolean
  /** How long it waits for what it calls. */
  timeoutSeconds?: number
}

/** What a service is made of: what runbooks act on and alarms can be made for. The schema says what each key means. */
export interface Target {
  role?: string
  region?: string
  rabbitmq?: { broker?: string; api?: string; amqp?: string; secret?: string; vhost: string; queues: string[] }
  sqs?: { queue: string; deadLetters?: string }
  ecs?: { cluster: string; service: string }
  autoScaling?: { group: string }
  ec2?: { instances: string[]; unit?: string; clean: string[]; paths: string[] }
  rds?: { instance?: string; cluster?: string }
  alb?: { loadBalancer: string; targetGroup?: string }
  lambda?: { function: string }
  dynamodb?: { table: string }
  ebs?: { volumes: string[] }
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
  runbooks: {
    runbook: string
    when: { service?: string; signals?: Signal[] }
    mode: 'suggest' | 'auto'
    approvals: number
    with: Record<string, unknown>
  }[]
  statusPage?: Record<string, unknown>
  watchdog: Watchdog
  deploy: Deploy
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
}

export const WATCHDOG: Watchdog = { emails: [], syntheticMinutes: 15, dashboard: true }
export const DEPLOY = { customerKey: false, logDays: 30 } as const satisfies Deploy

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
