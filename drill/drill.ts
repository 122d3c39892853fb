// A drill: a world in which something breaks, the real stages with their real runbooks, and a person who clicks. On a virtual clock.
import type { Config } from '../lambda/core/services/config.ts'
import { isActive } from '../lambda/core/incident/incident.ts'
import { isMitigated } from '../lambda/core/incident/mitigated.ts'
import { isPending, isUnderWay } from '../lambda/core/incident/run.ts'
import type { Runtime } from '../lambda/ports/runtime.ts'
import { RUNBOOKS } from '../lambda/runbooks/index.ts'
import type { Runbook } from '../lambda/runbooks/runbook.ts'
import { readBoard } from '../lambda/store/board.ts'
import { world as playedWorld, type World } from '../replay/world.ts'
import { outsideOf, type Outside } from './outside.ts'
import { clicker } from './person.ts'
import { perform } from './process.ts'
import { reportOf, type Report } from './report.ts'
import { mortalityOf, type Fault } from './world/faults.ts'
import type { Plan } from './world/plan/schema.ts'
import { simulate, type SimulatedWorld } from './world/world.ts'
import { watcher, type Watched } from './watch.ts'

export interface DrillOptions {
  name: string
  plan: Plan
  config: Config
  approveAfterSeconds: number
  fault: Fault
  runbooks?: ReadonlyMap<string, Runbook>
}

/** Everything that a drill has seen. */
export interface Drill {
  options: DrillOptions
  world: SimulatedWorld
  played: World
  outside: Outside
  watched: Watched
  deaths: number
}

/** How long the drill goes on after everything is over: Slack's last edits are still on their way. */
const AFTERMATH_SECONDS = 20
/** How long everything must have been well before the drill is over. */
const QUIET_SECONDS = 60

export async function drill(options: DrillOptions): Promise<{ report: Report; drill: Drill }> {
  const { plan, config, fault, runbooks = RUNBOOKS } = options
  const world = simulate(plan)
  const startMs = Date.parse(plan.start)
  const mortality = mortalityOf(plan.seed)
  const withTools = (runtime: Runtime): Runtime => ({ ...even(runtime), people: EVERYBODY, tools: outside.tools })
  const played = playedWorld(config, startMs, withTools, (runtime, _runbook, order) =>
    perform(runtime, runbooks, order, fault === 'crash' ? mortality : undefined),
  )
  const outside = outsideOf(world, played.clock, fault)
  const watched = watcher(world)
  const click = clicker(played, config, options.approveAfterSeconds)
  let messages = 0
  let overAt = plan.seconds

  const second = async (): Promise<void> => {
    const events = world.tick()
    watched.see(events)
    played.clock.at(startMs + (world.second + 1) * 1000, second)
    if (events.length > 0)
      await played.deliver(events.map((event) => ({ id: String(++messages), body: JSON.stringify(event) })))
    await click()
    if (overAt === plan.seconds && (await isOver(world, watched, played)))
      overAt = Math.min(overAt, world.second + AFTERMATH_SECONDS)
  }
  played.clock.at(startMs + 1000, second)
  await played.clock.run(() => world.second >= overAt)
  const seen: Drill = { options, world, played, outside, watched, deaths: mortality.deaths() }
  return { report: await reportOf(seen), drill: seen }
}

/** In a drill, every user group that may approve contains the person who clicks. */
const EVERYBODY = { isIn: async () => true, isFullMember: async () => true }

/** Stages that collide wait a random time; in every drill it is the same. */
const EVEN_MS = 250
const even = (runtime: Runtime): Runtime => ({
  ...runtime,
  clock: {
    ...runtime.clock,
    sleep: (ms) => runtime.clock.sleep(Math.ceil(ms / EVEN_MS) * EVEN_MS),
    sleepUpTo: () => runtime.clock.sleep(EVEN_MS),
  },
})

async function isOver(world: SimulatedWorld, watched: Watched, played: World): Promise<boolean> {
  const isQuiet = watched.healthySince !== undefined && world.second - watched.healthySince >= QUIET_SECONDS
  if (!world.settled() || !isQuiet || watched.firstAlarm === undefined) return false
  if (world.alarms.all.some(({ state }) => state === 'ALARM')) return false
  const incidents = Object.values((await readBoard(played.runtime.table)).incidents)
  // What a fix has left to do is people's.
  return incidents.every(
    (incident) =>
      (!isActive(incident) || isMitigated(incident)) &&
      (incident.runs ?? []).every((run) => !isPending(run) && !isUnderWay(run) && run.left?.doing === undefined),
  )
}
