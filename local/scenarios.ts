// The two published incidents, replayed: their recorded alarm events, sent at their own pace or faster, with current times.
import { isActive } from '../lambda/core/incident/incident.ts'
import { isMitigated } from '../lambda/core/incident/mitigated.ts'
import { readFileSync } from 'node:fs'
import { timeOf } from '../lambda/core/intake/envelopes.ts'
import { titleOf } from '../lambda/core/notify/slack/title.ts'
import { causesOf } from '../lambda/core/correlate/cause.ts'
import { rulesOf } from '../lambda/core/services/rules.ts'
import type { Config } from '../lambda/core/services/config.ts'
import { readBoard } from '../lambda/store/board.ts'
import type { Playing, Speed, Stage } from './page/server/stage.ts'
import type { LocalTocsin } from './tocsin.ts'
import { playWorld, WORLDS, type PlayingWorld } from './worlds.ts'

const SCENARIOS = [
  {
    id: 'broker-queue-backlog',
    title: 'Queue backs up',
    description:
      'A queue fills its broker’s memory and disk until nobody can connect. In 2024 it took 141 minutes until somebody purged it.',
  },
  {
    id: 'connection-timeout',
    title: 'Timeout spreads',
    description:
      'A service waits 60 seconds for its database, and everything that calls it waits too. It took 44 minutes until the restart.',
  },
]

/** How much faster than the original: each then takes about a minute. */
const FAST = { 'broker-queue-backlog': 140, 'connection-timeout': 45 } as Record<string, number>

interface Recorded {
  time: string
  detail: { state: { timestamp: string; reasonData?: string } }
}

export function stageOf(tocsin: LocalTocsin, config: Config, onError: (error: unknown) => void): Stage {
  const listeners = new Set<() => void>()
  let rules = rulesOf(config)
  let world: PlayingWorld | undefined
  let isRunning = false
  let playing: Playing | undefined
  let timers: NodeJS.Timeout[] = []
  const changed = (): void => listeners.forEach((listener) => listener())
  tocsin.slack.subscribe(changed)

  const stop = async (): Promise<void> => {
    timers.forEach(clearTimeout)
    timers = []
    playing = undefined
    world?.stop()
    isRunning = false
    changed()
  }

  return {
    scenarios: SCENARIOS,
    worlds: WORLDS,
    async play(id, speed: Speed) {
      await stop()
      world = undefined
      await tocsin.deploy(config)
      rules = rulesOf(config)
      const events = recordingOf(id)
      const factor = speed === 'fast' ? (FAST[id] ?? 60) : 1
      const first = Date.parse(events[0]!.time)
      const run: Playing = { id, speed, clock: clockOf(first), sent: 0, total: events.length }
      playing = run
      const began = Date.now()
      const tick = setInterval(() => {
        run.clock = clockOf(first + (Date.now() - began) * factor)
        changed()
      }, 1000)
      timers = events.map((event, place) =>
        setTimeout(
          () => {
            tocsin.send(asOfNow(event)).catch(onError)
            run.sent = place + 1
            run.clock = clockOf(Date.parse(event.time))
            if (place === events.length - 1) void stop()
            changed()
          },
          (Date.parse(event.time) - first) / factor,
        ),
      )
      timers.push(tick)
      changed()
    },
    async playWorld(id, manner) {
      await stop()
      // Another world: none of its services own what was open.
      world = undefined
      await tocsin.reset()
      world = await playWorld(
        tocsin,
        { id, manner, page: config },
        {
          changed,
          ended() {
            isRunning = false
            changed()
          },
          error: onError,
        },
      )
      rules = rulesOf(world.config)
      isRunning = true
      changed()
    },
    stop,
    async reset() {
      await stop()
      world = undefined
      await tocsin.reset()
      changed()
    },
    status: () => ({ ...(playing && { playing }), ...(world && { world: world.view(), isRunning }) }),
    async incidents() {
      const { incidents } = await readBoard(tocsin.table)
      return Object.values(incidents).map((incident) => ({
        id: incident.id,
        title: titleOf(incident, causesOf(incident, rules), rules),
        status: isActive(incident) && isMitigated(incident) ? 'mitigated' : incident.status,
        severity: incident.severity,
        openedAt: new Date(incident.openedAt).toISOString(),
        timeline: incident.timeline.map(({ at, kind, text }) => ({ at: new Date(at).toISOString(), kind, text })),
      }))
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function recordingOf(id: string): Recorded[] {
  const file = new URL(`./scenarios/${encodeURIComponent(id)}/events.jsonl`, import.meta.url)
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)
}

/** `14:39:10 UTC`: the time of the recording. */
const clockOf = (ms: number): string => `${new Date(ms).toISOString().slice(11, 19)} UTC`

function asOfNow(event: Recorded): object {
  if (timeOf(event.time) === undefined) throw new Error('a recorded event has no time')
  const now = new Date().toISOString()
  return {
    ...event,
    time: now,
    detail: { ...event.detail, state: { ...event.detail.state, timestamp: now.replace('Z', '+0000') } },
  }
}
