// What does an alarm cost? The whole pipeline, from the message's text to the Slack calls, in memory and on a virtual clock.
import type { Incoming } from '../lambda/ports/runtime.ts'
import { readBoard } from '../lambda/store/board.ts'
import { world, type World } from '../replay/world.ts'
import type { Config } from '../lambda/core/services/config.ts'
import { batchesOf, median, type Options } from './measure.ts'

export interface PipelineFigures {
  alarms: number
  incidents: number
  services: number
  runs: number
  /** Median of the runs: user and system time of the whole process, including the garbage collector and the compiler. */
  cpuMsPerAlarm: number
  /** Items of DynamoDB. */
  writesPerAlarm: number
  /** DynamoDB calls: a batch of ten alarms' records is one. */
  readsPerAlarm: number
  slackCallsPerAlarm: number
  slackPosts: number
  slackRefused: number
  /** DynamoDB takes at most 400 KB in one item. */
  boardKilobytes: number
}

const STORMS = [
  { alarms: 100, incidents: 3, services: 60, seed: 1, runs: 60 },
  { alarms: 1000, incidents: 5, services: 60, seed: 1, runs: 15 },
  { alarms: 10_000, incidents: 5, services: 60, seed: 1, runs: 5 },
  // Many services make a large board, which every batch reads and writes.
  { alarms: 10_000, incidents: 20, services: 300, seed: 1, runs: 3 },
]

/** Warms up: a function that has run for a while is compiled. */
const WARM_UP_ALARMS = 3000

export async function measure({ quick, progress }: Options): Promise<PipelineFigures[]> {
  const storms = quick ? STORMS.slice(0, 2).map((storm) => ({ ...storm, runs: 5 })) : STORMS
  const figures: PipelineFigures[] = []
  for (const { runs, ...storm } of storms) {
    progress(`pipeline: ${storm.alarms} alarms over ${storm.services} services, ${runs} runs`)
    const { config, batches } = batchesOf(storm)
    const bodies = batches.map(({ at, events }, batch) => ({
      at,
      messages: events.map((event, i): Incoming => ({ id: `${batch}/${i}`, body: JSON.stringify(event) })),
    }))
    const cpu: number[] = []
    let played: World | undefined
    const warmUps = Math.ceil(WARM_UP_ALARMS / storm.alarms)
    for (let i = -warmUps; i < runs; i++) {
      const took = await play(config, bodies)
      played = took.played
      await check(played, storm)
      if (i >= 0) cpu.push(took.cpuMs)
    }
    figures.push({
      ...figuresOf(played!, storm.alarms),
      ...shapeOf(storm),
      runs,
      cpuMsPerAlarm: median(cpu) / storm.alarms,
    })
  }
  return figures
}

const shapeOf = ({ alarms, incidents, services }: (typeof STORMS)[number] | Omit<(typeof STORMS)[number], 'runs'>) => ({
  alarms,
  incidents,
  services,
})

async function play(
  config: Config,
  batches: readonly { at: number; messages: Incoming[] }[],
): Promise<{ played: World; cpuMs: number }> {
  const played = world(config, batches[0]!.at)
  for (const { at, messages } of batches) played.clock.at(at, async () => void (await played.deliver(messages)))
  const before = process.cpuUsage()
  await played.clock.run()
  const { user, system } = process.cpuUsage(before)
  return { played, cpuMs: (user + system) / 1000 }
}

function figuresOf({ table, chat: { counts } }: World, alarms: number) {
  const board = [...table.items()].find(({ pk }) => pk === 'INDEX')
  return {
    writesPerAlarm: table.writes / alarms,
    readsPerAlarm: table.reads / alarms,
    slackCallsPerAlarm: (counts.posts + counts.updates + counts.threadReplies + counts.refused) / alarms,
    slackPosts: counts.posts,
    slackRefused: counts.refused,
    boardKilobytes: Buffer.byteLength(board?.body ?? '') / 1024,
  }
}

/** A figure from a run that went wrong is worthless. */
async function check({ runtime, chat }: World, { alarms, incidents }: { alarms: number; incidents: number }) {
  const found = Object.values((await readBoard(runtime.table)).incidents)
  const firing = found.reduce((sum, incident) => sum + incident.firing, 0)
  if (found.length !== incidents || firing !== alarms || chat.counts.posts !== incidents)
    throw new Error(
      `${alarms} alarms became ${found.length} incidents with ${firing} alarms and ${chat.counts.posts} posts`,
    )
}
