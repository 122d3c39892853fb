// Everything outside that a stage may use, as it needs it. Each stage asks for the slice it uses; adapters and fakes implement these.
import type { Block } from '../core/notify/slack/blocks.ts'
import type { Counts, Level } from '../core/watchdog/metrics.ts'
import type { Target } from '../core/services/config.ts'
import type { Rules } from '../core/services/rules.ts'

export type { Block } from '../core/notify/slack/blocks.ts'

/** One stored thing: `body` is JSON, `rev` counts its writes, `expires` is the second at which DynamoDB may delete it. */
export interface Item {
  pk: string
  sk: string
  rev: number
  body: string
  expires?: number
}

export type Key = Pick<Item, 'pk' | 'sk'>

/** One table, single-item conditional writes, strongly consistent reads. Every call may throw when a retry can help. */
export interface Table {
  get(key: Key): Promise<Item | undefined>
  /** At most 100 keys; what is not there is left out; in no order. */
  getMany(keys: Key[]): Promise<Item[]>
  /** Writes if the stored `rev` is `expected` (0: nothing stored). False if it is not. */
  replace(item: Item, expected: number): Promise<boolean>
  /** Writes unless the same or a newer `rev` is stored. */
  advance(item: Item): Promise<void>
  /** All items of a partition whose sort key begins so, in its order. */
  list(pk: string, prefix: string): Promise<Item[]>
}

/** Says that something on the board changed. What it is, the reader sees for itself. */
export interface Notices {
  changed(): Promise<void>
}

/** Keeps what could not be read. */
export interface DeadLetters {
  keep(body: string, reason: string): Promise<void>
}

/** The alarm that Tocsin rings to prove that it works. */
export interface Bell {
  /** Makes the alarm fire, even if it still does. */
  ring(): Promise<void>
}

/** Wakes the escalate stage for an incident at a time (ms). The same time again adds nothing. */
export interface Timers {
  wake(incident: string, at: number): Promise<void>
}

export interface Clock {
  now(): number
  sleep(ms: number): Promise<void>
}

export interface Message {
  text: string
  blocks?: Block[]
}

/** `retry`: Slack asks to wait. `gone`: the message is no more. `fail`: trying again would not help; the reason says what to do. */
export type Sent =
  { is: 'sent'; ts: string } | { is: 'retry'; afterSeconds: number } | { is: 'gone' } | { is: 'fail'; reason: string }

/** `tag` marks a message so that it can be found again: the incident and what of it was sent. */
export interface Chat {
  post(message: Message, tag: string, threadTs?: string): Promise<Sent>
  update(ts: string, message: Message): Promise<Sent>
  /** Looks for a message with this tag among those since `sinceMs`, in the channel or in a thread. */
  find(tag: string, sinceMs: number, threadTs?: string): Promise<string | undefined>
}

/** Undefined if Slack would take a message; else why not, and what to do. Sends nothing, never throws. */
export type Probe = () => Promise<string | undefined>

/** What a click needs while the person waits: an answer only they see, and a dialog. */
export interface Dialogs {
  whisper(responseUrl: string, text: string): Promise<void>
  open(triggerId: string, view: Record<string, unknown>): Promise<void>
}

/** Slack's user groups. */
export interface Groups {
  has(group: string, user: string): Promise<boolean>
}

export interface Secrets {
  /** Newest first; two while one rotates. */
  signingSecrets(): Promise<string[]>
}

/** One line of structured log. What it counts becomes metrics where the deployment has them. */
export interface Log {
  (level: Level, message: string, facts?: Record<string, unknown>, counts?: Counts): void
}

/** Trying again would not help: the reason says what to do. */
export class Refused extends Error {
  override name = 'Refused'
}

export type CloudService = 'autoscaling' | 'cloudwatch' | 'ec2' | 'ecs' | 'elbv2' | 'lambda' | 'rds' | 'sqs' | 'ssm'

/**
 * One call of an AWS API, by the names of its documentation: `call('ecs', 'DescribeServices', { … })`. In the target's region and, where it names
 * one, with its role. Throws `Refused` where access is denied, the request is wrong or the thing is not there; anything else may pass on a retry.
 */
export interface Cloud {
  call<Output = Record<string, unknown>>(
    service: CloudService,
    action: string,
    input: Record<string, unknown>,
  ): Promise<Output>
}

/** Keeps what would be gone otherwise. */
export interface Evidence {
  /** Returns once it is stored and its checksum was compared. The same key again replaces it. */
  put(key: string, body: string): Promise<void>
  get(key: string): Promise<string | undefined>
  /** Keys that begin so, in order. */
  list(prefix: string): Promise<string[]>
  /** The address for people, like `s3://bucket/key`. */
  place(key: string): string
}

export interface BrokerNode {
  /** Bytes. Publishers block above the limit. */
  memoryUsed: number
  memoryLimit: number
  /** Bytes. Publishers block below the limit. */
  diskFree: number
  diskFreeLimit: number
  /** Whether publishers are blocked now. */
  blocked: boolean
}

export interface BrokerQueue {
  name: string
  type: 'classic' | 'quorum' | 'stream'
  messages: number
  /** Waiting to be delivered; the rest is with consumers. */
  ready: number
  /** Bytes of all its messages' bodies. */
  bytes: number
  consumers: number
  /** Per second, as the broker measures it. */
  published: number
  acknowledged: number
  /** The one that applies to it, where one does: only the broker knows how its patterns and priorities end. */
  policy?: string
}

/** A message as it was: body as base64; properties and headers as AMQP has them, JSON; what JSON cannot hold is tagged so that it comes back the same. */
export interface BrokerMessage {
  body: string
  properties: Record<string, unknown>
  exchange: string
  routingKey: string
  /** It was delivered before, and came back. */
  redelivered: boolean
}

export interface BrokerPolicy {
  name: string
  pattern: string
  definition: Record<string, unknown>
  applyTo: string
  priority: number
}

/** RabbitMQ, one virtual host: management API and AMQP. Throws `Refused` for a wrong password, a missing permission or queue. */
export interface Broker {
  nodes(): Promise<BrokerNode[]>
  queues(): Promise<BrokerQueue[]>
  /**
   * Takes up to `most` messages from the head of a queue, in order, and hands them to `keep`. Only when that has resolved to `remove`, exactly these
   * are removed, and only when the broker has confirmed that does this return; otherwise all of them go back to where they were. Never holds more
   * than these. Returns how many were removed.
   */
  take(queue: string, most: number, keep: (messages: BrokerMessage[]) => Promise<'remove' | 'return'>): Promise<number>
  /** To the end of the queue itself, whatever its bindings; returns when the broker has confirmed each. */
  publish(queue: string, messages: readonly BrokerMessage[]): Promise<void>
  policies(): Promise<BrokerPolicy[]>
  setPolicy(policy: BrokerPolicy): Promise<void>
  deletePolicy(name: string): Promise<void>
}

/** What a recipe may use. Each call throws `Refused` where trying again would not help, anything else where it may. */
export interface Tools {
  cloud: Cloud
  /** The RabbitMQ broker of the service's target. */
  broker: Broker
  evidence: Evidence
  /** Ms. Differs between two runs of the same step: decide nothing by it that must stay the same. */
  now(): number
  /** A few seconds within one look, until an answer is there. A step does not wait so: it says when its next turn is due. */
  pause(seconds: number): Promise<void>
}

/** What survives a crash: a step that has ended is not done again, a wait costs nothing. Names are unique within a run. */
export interface Journal {
  step<T>(name: string, run: () => Promise<T>): Promise<T>
  wait(name: string, seconds: number): Promise<void>
}

/** Starts the durable execution of a run, by the order's name; the same one again starts nothing. */
export interface Runs {
  start(runbook: string, order: RunOrder): Promise<void>
}

/** `attempt` counts the looks of a run: a dry run that somebody asked for is a new one. */
export const nameOf = ({ run, phase, attempt }: RunOrder): string => `${run}-${phase}-${attempt}`

export interface RunOrder {
  incident: string
  run: string
  phase: 'look' | 'act'
  attempt: number
}

export interface Runtime {
  table: Table
  notices: Notices
  deadLetters: DeadLetters
  /** Key of the alarm that is Tocsin's own heartbeat, where it has one. */
  heartbeat?: string
  timers: Timers
  runs: Runs
  /** For the resources of one service. Connects when it is used. */
  tools: (target: Target) => Tools
  groups: Groups
  clock: Clock
  chat: Chat
  /** Where there is a heartbeat. */
  probe?: Probe
  dialogs: Dialogs
  secrets: Secrets
  log: Log
  rules: Rules
}
