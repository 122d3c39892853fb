// What a look at a broker found: kept with the run, and all that its steps are made from.
import type { BrokerNode, BrokerQueue } from '../../../ports/broker.ts'
import type { Level } from '../backlog.ts'
import type { Source } from '../kept/kept.ts'
import type { Case } from '../../runbook.ts'
import type { Prevention } from './limit.ts'
import type { Extent } from './progress.ts'

export interface Facts {
  kind: 'rabbitmq'
  vhost: string
  queue: BrokerQueue
  node: BrokerNode
  level: Level
  /** How many stay. */
  keep: number
  /** At most how many are taken, whatever comes meanwhile. */
  most: number
  /** How often the queue lets a message be given back; undefined: as often as it may be. */
  returns?: number
  prevention?: Prevention
  /** Where the copy goes, for people. */
  place: string
}

export const lengthIn = ({ policy }: Pick<Prevention, 'policy'>): number => Number(policy.definition['max-length'])

export const extentOf = ({ keep, most, returns }: Facts): Extent => ({
  keep,
  most,
  ...(returns !== undefined && { returns }),
})

/** Room for publishes that were under way when it reached its limit. */
export const SOME_MORE = 1.1

export const sourceOf = (
  { vhost, queue }: Pick<Facts, 'vhost'> & { queue: Pick<BrokerQueue, 'name'> },
  { run, service }: Pick<Case<unknown>, 'run' | 'service'>,
): Source => ({ run, service, kind: 'rabbitmq', vhost, queue: queue.name })
