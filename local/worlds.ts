// Small worlds whose metrics drive real alarms and that runbooks really fix: what the page plays, and how they run.
import { readFileSync } from 'node:fs'
import { checkConfig } from '../lambda/config.ts'
import type { Config } from '../lambda/core/services/config.ts'
import { isActive } from '../lambda/core/incident/incident.ts'
import { isPending, isUnderWay } from '../lambda/core/incident/run.ts'
import { own } from '../lambda/core/words/words.ts'
import { RUNBOOKS } from '../lambda/runbooks/index.ts'
import { readBoard } from '../lambda/store/board.ts'
import { outsideOf } from '../drill/outside.ts'
import { watcher } from '../drill/watch.ts'
import { checkWorld } from '../drill/world/plan/check.ts'
import type { Plan } from '../drill/world/plan/schema.ts'
import { simulate } from '../drill/world/world.ts'
import { hurried } from './runs.ts'
import type { Manner, World, WorldView } from './page/server/stage.ts'
import type { LocalTocsin } from './tocsin.ts'

export const WORLDS: World[] = [
  {
    id: 'broker-queue-backlog',
    title: 'Queue backs up',
    description: 'Consumers of a queue are gone; it fills the broker’s memory and disk until publishers are blocked.',
  },
  {
    id: 'connection-timeout',
    title: 'Timeout spreads',
    description: 'A service waits up to 60 seconds for its database, and all its callers wait too.',
  },
  {
    id: 'disk-fills',
    title: 'Disk fills',
    description: 'Logs fill the disk of a machine, hour by hour, until nothing can be written.',
  },
  {
    id: 'memory-leak',
    title: 'Memory leaks',
    description: 'Tasks of a service take more and more memory, until they are killed under load.',
  },
]

/** World seconds per second on this machine: fast until the first alarm, since nobody needs to watch; then minutes pass while somebody does. */
const SPEED = { calm: 60, alarm: 10 }
/** How long a world must be well, and its incidents over, before it ends; in its own seconds. */
const QUIET_SECONDS = 90
/** Points of a curve: as many as the eye can tell apart. */
const POINTS = 160

export interface PlayingWorld {
  config: Config
  view(): WorldView
  stop(): void
}

/** Starts a world. `changed` is called when there is something new to see, `ended` once at the end. */
export async function playWorld(
  tocsin: LocalTocsin,
  { id, manner, page }: { id: string; manner: Manner; page: Config },
  on: { changed(): void; ended(): void; error(error: unknown): void },
): Promise<PlayingWorld> {
  const plan = planOf(id)
  const world = simulate(plan)
  const began = Date.now()
  const startMs = Date.parse(plan.start)
  const clock = {
    now: () => startMs + world.second * 1000,
    sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms / SPEED.alarm)),
  }
  /** When each second of the world was (ms). */
  const times = [began]
  const secondOf = (ms: number): number =>
    Math.max(
      0,
      times.findLastIndex((at) => at <= ms),
    )
  const outside = outsideOf(world, clock, manner === 'no-help' ? 'no-help' : 'none')
  const watched = watcher(world)
  const config = configOf(plan, manner, page)
  await tocsin.deploy(config, {
    tools: outside.tools,
    runbooks: hurried(RUNBOOKS, SPEED.alarm, (ms) => startMs + secondOf(ms) * 1000),
    speed: SPEED.alarm,
  })
  let marks: WorldView['marks'] = []
  const view = (): WorldView => ({
    id,
    manner,
    second: world.second,
    seconds: plan.seconds,
    complaints: world.complaints(),
    curves: watched.curves.map(({ title, values }) => ({ title, values: thinned(values) })),
    marks: watched.firstAlarm === undefined ? [] : [{ second: watched.firstAlarm, label: 'alarm' }, ...marks],
    story: world.story.map(({ at, text }) => ({ second: at, text })),
  })

  const second = async (): Promise<void> => {
    const events = world.tick()
    times.push(Date.now())
    watched.see(events)
    for (const event of events) await tocsin.send(asOfNow(event))
    const isQuiet = await allQuiet(tocsin)
    marks = await marksOf(tocsin, began, secondOf)
    on.changed()
    const isWell = watched.wasIll && watched.healthySince !== undefined
    const isOver = isWell && world.settled() && world.second - watched.healthySince! > QUIET_SECONDS
    if (world.second >= plan.seconds || (isOver && isQuiet)) end()
  }
  // One second after another, even if one takes longer than its time.
  let timer: NodeJS.Timeout | undefined
  const next = (): void => {
    const speed = watched.firstAlarm === undefined ? SPEED.calm : SPEED.alarm
    const due = times.at(-1)! + 1000 / speed
    timer = setTimeout(
      () =>
        void second()
          .catch(on.error)
          .finally(() => timer && next()),
      Math.max(0, due - Date.now()),
    )
  }
  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const end = (): void => {
    stop()
    on.ended()
  }
  next()
  return { config, view, stop }
}

const planOf = (id: string): Plan => {
  const file = new URL(`../drill/worlds/${encodeURIComponent(id)}.json`, import.meta.url)
  return checkWorld(JSON.parse(readFileSync(file, 'utf8')), id)
}

/** With the page's teams. Nobody wants to watch five minutes of quiet, or wait for a target's cooldown. */
function configOf({ tocsin }: Plan, manner: Manner, page: Config): Config {
  const config = checkConfig(tocsin, 'the config of the world')
  const mode = manner === 'auto' ? ('auto' as const) : ('suggest' as const)
  return {
    ...config,
    slack: { channel: page.slack.channel, approvers: [] },
    teams: page.teams,
    services: Object.fromEntries(
      Object.entries(config.services).map(([id, service]) => [id, { ...service, ...teamIn(page, id) }]),
    ),
    correlation: { ...config.correlation, resolveGraceSeconds: 5, flap: { ...config.correlation.flap, changes: 12 } },
    remediation: { ...config.remediation, cooldownSeconds: 1, perHour: 20, autoPerHour: 20 },
    runbooks: config.runbooks.map((rule) => ({ ...rule, mode })),
  }
}

function teamIn({ services }: Config, id: string): { team?: string } {
  const team = own(services, id)?.team
  return team === undefined ? {} : { team }
}

function asOfNow(event: object): object {
  const { detail, ...rest } = event as { detail: { state: object } }
  const now = new Date().toISOString()
  return {
    ...rest,
    time: now,
    detail: { ...detail, state: { ...detail.state, timestamp: now.replace('Z', '+0000') } },
  }
}

async function marksOf(
  tocsin: LocalTocsin,
  began: number,
  secondOf: (ms: number) => number,
): Promise<WorldView['marks']> {
  const { incidents } = await readBoard(tocsin.table)
  return Object.values(incidents)
    .flatMap(({ runs = [] }) => runs)
    .filter(({ createdAt }) => createdAt >= began)
    .flatMap(({ proposedAt, startedAt, actedAt, endedAt, status }) =>
      (
        [
          [proposedAt, 'proposed'],
          [startedAt, 'approved'],
          [actedAt, 'acted'],
          [endedAt, ENDS[status]],
        ] as const
      ).flatMap(([at, label]) => (at === undefined || label === undefined ? [] : [{ second: secondOf(at), label }])),
    )
}

const ENDS: Record<string, string | undefined> = { succeeded: 'helped', failed: 'handed over' }

async function allQuiet(tocsin: LocalTocsin): Promise<boolean> {
  const { incidents } = await readBoard(tocsin.table)
  return Object.values(incidents).every(
    (incident) => !isActive(incident) && (incident.runs ?? []).every((run) => !isPending(run) && !isUnderWay(run)),
  )
}

/** The largest value of each stretch: a peak must stay visible. */
function thinned(values: readonly number[]): number[] {
  const every = Math.max(1, Math.ceil(values.length / POINTS))
  const points: number[] = []
  for (let i = 0; i < values.length; i += every) points.push(Math.max(...values.slice(i, i + every)))
  return points
}
