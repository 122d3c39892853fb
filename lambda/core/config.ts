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
  target?: Record<string, unknown>
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
}

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
