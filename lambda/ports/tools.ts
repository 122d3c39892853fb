// What a runbook's recipe may use: AWS by the names of its API, the broker, and a place for evidence.
import type { Target } from '../core/services/config.ts'
import type { Apis } from './api.ts'
import type { Broker } from './broker.ts'

/** Trying again would not help: the reason says what to do. */
export class Refused extends Error {
  override name = 'Refused'
}

/** Those that Tocsin calls; a runbook of your own may name others in its `apis`. */
export type CloudService =
  | 'autoscaling'
  | 'cloudwatch'
  | 'ec2'
  | 'ecs'
  | 'elbv2'
  | 'lambda'
  | 'rds'
  | 'sqs'
  | 'ssm'
  | (string & Record<never, never>)

/**
 * One AWS API call, with the names of its documentation: `call('ecs', 'DescribeServices', { … })`. In the target's region and, if it names one,
 * with its role. Throws `Refused` if access is denied, the request is wrong or the resource does not exist; anything else may pass on a retry.
 */
export interface Cloud {
  call<Output = Record<string, unknown>>(
    service: CloudService,
    action: string,
    input: Record<string, unknown>,
  ): Promise<Output>
}

/** Keeps what would otherwise be lost. */
export interface Evidence {
  /** Returns once it is stored and its checksum has been verified. The same key again replaces it. */
  put(key: string, body: string): Promise<void>
  get(key: string): Promise<string | undefined>
  /** Keys that begin with `prefix`, in order. */
  list(prefix: string): Promise<string[]>
  /** The address for people, like `s3://bucket/key`. */
  place(key: string): string
}

/** What a recipe may use. Each call throws `Refused` if trying again would not help, and anything else if it may. */
export interface Tools {
  cloud: Cloud
  /** The RabbitMQ broker of the service's target. */
  broker: Broker
  evidence: Evidence
  /** In ms. Differs between two executions of the same step: base nothing on it that must stay the same. */
  now(): number
  /** Waits a few seconds within one look, until an answer is there. A step does not wait like this: it says when its next turn is due. */
  pause(seconds: number): Promise<void>
}

/** For the resources of one service, and the runbook that acts on them. */
export type ToolsFor = (target: Target, runbook?: { name: string; apis?: Apis | undefined }) => Tools
