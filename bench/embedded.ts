// How soon is an alarm in Slack, and how fast does a storm drain? The real handlers on the emulators, in one process with everything else.
import { randomUUID } from 'node:crypto'
import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { checkConfig } from '../lambda/config.ts'
import { keyOf } from '../lambda/core/intake/envelopes.ts'
import { emptyBoard } from '../lambda/core/incident/board.ts'
import { PACE_MS } from '../lambda/core/notify/next-message.ts'
import { rulesOf, type Rules } from '../lambda/core/services/rules.ts'
import { load, readBoard } from '../lambda/store/board.ts'
import { commit } from '../lambda/store/commit.ts'
import { readAlarms } from '../lambda/store/records.ts'
import type { Clock } from '../lambda/ports/clock.ts'
import { startTocsin, type LocalTocsin } from '../local/tocsin.ts'
import { BATCH, quantile, type Options } from './measure.ts'
import { storm, type AlarmEvent } from './storm.ts'

export interface EmbeddedFigures {
  /** From just before the message is sent to the queue until Slack has the post. */
  latency: { samples: number; p50Ms: number; p99Ms: number; worstMs: number }
  storms: { alarms: number; seconds: number; alarmsPerSecond: number; slackPosts: number; slackRefused: number }[]
}

interface Stack {
  tocsin: LocalTocsin
  sqs: SQSClient
  rules: Rules
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const clock: Clock = { now: Date.now, sleep, sleepUpTo: (ms) => sleep(Math.random() * ms) }

const STORM = { incidents: 5, services: 60, seed: 1 }
const WARM_UPS = 10
/** How many SQS calls, of ten messages each, are in flight at once. */
const SENDERS = 4
/** Nothing here takes this long: something broke. */
const MOST_MS = 180_000

export async function measure({ quick, progress }: Options): Promise<EmbeddedFigures> {
  // Handlers log as they do in AWS, one line per message.
  console.log = () => undefined
  const errors: unknown[] = []
  // Storms of every size use the same services; those of single alarms are tied to nothing.
  const config = checkConfig(storm({ ...STORM, alarms: STORM.incidents }).config, 'the storm')
  const tocsin = await startTocsin(config, (error) => void errors.push(error))
  const stack: Stack = { tocsin, sqs: new SQSClient({}), rules: rulesOf(config) }
  try {
    const samples = quick ? 12 : 60
    progress(`embedded: ${samples} single alarms`)
    const latency = await singles(stack, samples)
    const storms: EmbeddedFigures['storms'] = []
    for (const alarms of quick ? [100, 1000] : [100, 1000, 10_000]) {
      progress(`embedded: a storm of ${alarms} alarms`)
      storms.push(await drain(stack, alarms))
    }
    if (errors.length > 0) throw new Error(`a handler failed: ${String(errors[0])}`)
    return { latency, storms }
  } finally {
    stack.sqs.destroy()
    await tocsin.close()
  }
}

/** One alarm at a time, each on an empty board, and slower than Slack's rate limit: waiting for that is another matter. */
async function singles(stack: Stack, samples: number): Promise<EmbeddedFigures['latency']> {
  const { tocsin, sqs } = stack
  const tookMs: number[] = []
  const { events } = storm({ incidents: 1, services: 2, alarms: samples + WARM_UPS, seed: 2, start: Date.now() })
  for (const [i, event] of events.entries()) {
    await reset(stack)
    await clock.sleep(PACE_MS)
    const alone = ofItsOwn(event, i)
    const posted = until(tocsin, () => tocsin.slack.stats().posts > 0)
    const began = performance.now()
    await sqs.send(new SendMessageCommand({ QueueUrl: tocsin.cloud.intakeUrl, MessageBody: JSON.stringify(alone) }))
    const took = (await posted) - began
    if (i >= WARM_UPS) tookMs.push(took)
  }
  return {
    samples,
    p50Ms: quantile(tookMs, 0.5),
    p99Ms: quantile(tookMs, 0.99),
    worstMs: Math.max(...tookMs),
  }
}

/** An alarm of a service that the config does not know. */
function ofItsOwn(event: AlarmEvent, i: number): AlarmEvent {
  const alarmName = `single-${i}-latency`
  const arn = event.resources[0]!.replace(/:alarm:.*$/, `:alarm:${alarmName}`)
  const { configuration } = event.detail
  return {
    ...event,
    resources: [arn],
    detail: { ...event.detail, alarmName, configuration: { ...configuration, metrics: [] } },
  }
}

async function drain(stack: Stack, alarms: number): Promise<EmbeddedFigures['storms'][number]> {
  const { tocsin, sqs } = stack
  await reset(stack)
  const { events } = storm({ ...STORM, alarms, start: Date.now() - 600_000 })
  const batches: string[][] = []
  for (let i = 0; i < events.length; i += BATCH)
    batches.push(events.slice(i, i + BATCH).map((event) => JSON.stringify(event)))

  const began = performance.now()
  const sender = async (): Promise<void> => {
    for (let bodies = batches.shift(); bodies; bodies = batches.shift())
      await sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: tocsin.cloud.intakeUrl,
          Entries: bodies.map((MessageBody) => ({ Id: randomUUID(), MessageBody })),
        }),
      )
  }
  await Promise.all(Array.from({ length: SENDERS }, sender))
  await emptied(sqs, tocsin.cloud.intakeUrl)
  const seconds = (performance.now() - began) / 1000

  await check(tocsin, events)
  const { posts, refused } = tocsin.slack.stats()
  return { alarms, seconds, alarmsPerSecond: Math.round(alarms / seconds), slackPosts: posts, slackRefused: refused }
}

/** A message leaves the queue once its handler has answered; by then the table holds it. */
async function check(tocsin: LocalTocsin, events: readonly AlarmEvent[]): Promise<void> {
  const found = Object.values((await readBoard(tocsin.table)).incidents).filter(({ status }) => status !== 'merged')
  const firing = found.reduce((sum, incident) => sum + incident.firing, 0)
  const keys = events.map(({ account, region, detail }) => keyOf(account, region, detail.alarmName))
  const stored = await readAlarms(tocsin.table, keys)
  if (found.length !== STORM.incidents || firing !== events.length || stored.size !== events.length)
    throw new Error(
      `${events.length} alarms became ${found.length} incidents with ${firing}, and the table holds ${stored.size}`,
    )
}

/** Waits until every stage is idle, and forgets what they did. Old alarms stay in the table: no two storms share alarms. */
async function reset({ tocsin, sqs, rules }: Stack): Promise<void> {
  await emptied(sqs, tocsin.cloud.intakeUrl)
  await emptied(sqs, tocsin.cloud.noticesUrl)
  const { table } = tocsin
  const loaded = await load(table, [], { choose: (places) => places.values() })
  const left = Object.values(loaded.board.incidents)
  if (!(await commit(table, loaded, { board: emptyBoard(), alarms: new Map(), left, rules }, Date.now())))
    throw new Error('the board could not be emptied')
  // Ids are given again.
  for (const item of await table.scan()) if (item.pk.startsWith('PLACE#')) await table.remove(item, item.rev)
  tocsin.slack.clear()
}

async function emptied(sqs: SQSClient, QueueUrl: string): Promise<void> {
  const deadline = performance.now() + MOST_MS
  while (performance.now() < deadline) {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    )
    if (Object.values(Attributes ?? {}).every((count) => count === '0')) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`the queue ${QueueUrl} did not empty`)
}

/** When it came true, by `performance.now()`; looks again at each change in the fake Slack. */
function until({ slack }: LocalTocsin, isTrue: () => boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      unsubscribe()
      reject(new Error('no post came'))
    }, MOST_MS)
    const unsubscribe = slack.subscribe(() => {
      if (!isTrue()) return
      const at = performance.now()
      clearTimeout(timer)
      unsubscribe()
      resolve(at)
    })
  })
}
