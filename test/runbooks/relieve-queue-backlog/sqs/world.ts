// SQS queues in memory, and what a run on them has kept.
import {
  folderOf,
  linesOf,
  manifestKey,
  sumKeysIn,
  type Manifest,
} from '../../../../lambda/runbooks/relieve-queue-backlog/kept/kept.ts'
import type { Target } from '../../../../lambda/core/services/config.ts'
import type { Tools } from '../../../../lambda/ports/tools.ts'
import { BUILT_IN } from '../../../../lambda/runbooks/built-in.ts'
import type { Case } from '../../../../lambda/runbooks/runbook.ts'
import { drive, type How, type Ran } from '../../drive.ts'
import { fakeCloud, NOON, toolsOf, type FakeCloud } from '../../fakes/cloud.ts'
import { fakeEvidence, type FakeEvidence } from '../../fakes/evidence.ts'
import { fakeSqs, type FakeSqs } from '../../fakes/sqs.ts'

export const runbook = BUILT_IN.get('relieve-queue-backlog')!
export const TARGET: Target = { sqs: { queue: 'jobs', deadLetters: 'jobs-dead' } }
export const FOLDER = folderOf('INC-0001-1', 'jobs')
export const COUNT = 1_230

export interface World {
  /** What CloudWatch has of the queue, minute by minute, newest first. */
  rates: { sent?: number; deleted?: number | number[] }
  sqs: FakeSqs
  cloud: FakeCloud
  evidence: FakeEvidence
  clock: { now: number }
  tools: Tools
}

export function world(): World {
  const [clock, evidence] = [{ now: NOON }, fakeEvidence()]
  const sqs = fakeSqs(clock, ['jobs', 'jobs-dead', 'later', 'orders'])
  const rates: World['rates'] = { sent: 120, deleted: 6 }
  sqs.add('jobs', COUNT)
  sqs.add('jobs-dead', 30)
  const cloudwatch = {
    GetMetricData: () => ({
      MetricDataResults: [
        { Id: 'm0', Values: rates.sent === undefined ? [] : [rates.sent] },
        { Id: 'm1', Values: rates.deleted === undefined ? [] : [rates.deleted].flat() },
      ],
    }),
  }
  const cloud = fakeCloud({ sqs: sqs.actions, cloudwatch })
  return {
    rates,
    sqs,
    cloud,
    evidence,
    clock,
    tools: {
      ...toolsOf(cloud, clock),
      evidence,
      pause: async (seconds) => {
        evidence.checkAlive()
        clock.now += seconds * 1000
      },
    },
  }
}

export const about = (options: Record<string, unknown>): Case<Record<string, unknown>> => ({
  run: 'INC-0001-1',
  service: 'jobs',
  target: TARGET,
  options: runbook.options.parse({ minMessages: 1_000, ...options }),
  since: NOON,
  signals: ['saturation'],
  alarm: { name: 'jobs/age', dimensions: {} },
})

export const run = ({ tools, clock }: World, options: Record<string, unknown>, how?: How): Promise<Ran> =>
  drive(runbook, about(options), tools, clock, how)

export const kept = ({ evidence }: World): string[] =>
  sumKeysIn([...evidence.objects.keys()].sort()).flatMap((key) =>
    linesOf(evidence.objects.get(key.replace(/json$/, 'jsonl'))!).map(({ body }) =>
      Buffer.from(body, 'base64').toString(),
    ),
  )
export const all = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name}-${i}`)
export const manifest = ({ evidence }: World): Manifest =>
  JSON.parse(evidence.objects.get(manifestKey(FOLDER))!) as Manifest

export const MODES: Record<string, Record<string, unknown>> = {
  purge: { mode: 'purge' },
  shed: { mode: 'shed', downTo: 200 },
  move: { mode: 'move', moveTo: 'later' },
  redrive: { mode: 'redrive' },
}
