// A broker with a queue that backs up, in memory, and what a run on it has kept.
import {
  folderOf,
  linesOf,
  manifestKey,
  sumKeysIn,
  type Manifest,
} from '../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import { type Tools } from '../../../lambda/ports/tools.ts'
import { BUILT_IN } from '../../../lambda/runbooks/built-in.ts'
import type { Case } from '../../../lambda/runbooks/runbook.ts'
import { drive, type How, type Ran } from '../drive.ts'
import { fakeBroker, type FakeBroker } from '../fakes/broker.ts'
import { NOON, type Clock } from '../fakes/cloud.ts'
import { fakeEvidence, type FakeEvidence } from '../fakes/evidence.ts'

export const runbook = BUILT_IN.get('relieve-queue-backlog')!
export const QUEUE = 'campaign-jobs'
export const FOLDER = folderOf('INC-0001-1', QUEUE)
export const COUNT = 12_500

export interface World {
  broker: FakeBroker
  evidence: FakeEvidence
  clock: Clock
  tools: Tools
}

export function world(more: Parameters<FakeBroker['add']>[2] = {}, count = COUNT): World {
  const [broker, evidence, clock] = [fakeBroker(), fakeEvidence(), { now: NOON }]
  broker.add(QUEUE, count, more)
  broker.add('mails', 500, { bytesEach: 10 })
  const tools: Tools = {
    broker,
    evidence,
    cloud: { call: () => Promise.reject(new Error('nothing of AWS is needed')) },
    now: () => clock.now,
    async pause(seconds) {
      evidence.checkAlive()
      clock.now += seconds * 1000
    },
  }
  return { broker, evidence, clock, tools }
}

export function about(options: Record<string, unknown> = {}, queues = ['*']): Case<Record<string, unknown>> {
  return {
    run: 'INC-0001-1',
    service: 'message-broker',
    target: { rabbitmq: { broker: 'studio', vhost: 'studio', queues } },
    options: runbook.options.parse(options),
    since: NOON,
    signals: ['memory', 'saturation'],
    alarm: { name: 'broker/memory', dimensions: {} },
  }
}

export const run = ({ tools, clock }: World, options?: Record<string, unknown>, how?: How): Promise<Ran> =>
  drive(runbook, about(options), tools, clock, how)

export const keptIn = ({ evidence }: World): string[] =>
  sumKeysIn([...evidence.objects.keys()].sort()).flatMap((key) =>
    linesOf(evidence.objects.get(key.replace(/json$/, 'jsonl'))!).map(({ properties }) =>
      String(properties['messageId']),
    ),
  )
export const manifestIn = ({ evidence }: World): Manifest =>
  JSON.parse(evidence.objects.get(manifestKey(FOLDER))!) as Manifest
export const everything = (count = COUNT): string[] => Array.from({ length: count }, (_, i) => `${QUEUE}-${i}`)
