// What is counted: an idle month, a calm one, and storms. Each is played on the virtual clock and yields what it used of AWS.
import { checkConfig } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { heartbeatAlarm } from '../../lambda/core/watchdog/heartbeat.ts'
import { isActive } from '../../lambda/core/incident/incident.ts'
import { keyOf, timeOf } from '../../lambda/core/intake/envelopes.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { account, type Account } from './account.ts'
import type { Deployed } from './deployed.ts'
import type { Table } from '../../lambda/ports/table.ts'
import { INDEX } from '../../lambda/store/read-index.ts'
import { memoryTable } from '../../replay/memory.ts'
import { bytesOf, unitsOf } from './metered.ts'
import { HOURS_A_MONTH, nothing, sum, times, type Usage } from './prices.ts'
import { alarmEvent, storm, type AlarmEvent } from '../storm.ts'

const MONTH_MS = HOURS_A_MONTH * 3_600_000
const START_MS = Date.UTC(2026, 0, 15, 3)

/**
 * Lambda polls an idle queue with five pollers, for twenty seconds at a time: people see 15 empty answers a minute.
 * Not documented as a number. https://github.com/getlift/lift/issues/132
 */
const POLLS_A_MINUTE = 15

/** Played once for each million: the more alarms there are, the less the start and the end weigh. */
const SAMPLE = 10_000
export const STORMS = [
  { what: 'a million alarms within an hour', seconds: (SAMPLE / 1_000_000) * 3600, storms: 1 },
  { what: 'a million alarms, as 100 storms of 10,000 in three minutes', seconds: 180, storms: 100 },
]

/** What exists costs, used or not; and the heartbeat goes around. */
export async function idleMonth(deployed: Deployed): Promise<Usage> {
  const { polled, heartbeatMinutes } = deployed
  const polls = (POLLS_A_MINUTE * MONTH_MS) / 60_000
  const { secrets: secret, keys: key, dashboards: dashboard, alarmMetrics: alarmMetric } = deployed
  const there = {
    ...nothing(),
    ...{ secret, key, dashboard, alarmMetric },
    standard: polled.standard * polls,
    fifo: polled.fifo * polls,
  }
  if (heartbeatMinutes === undefined) return there
  return sum(there, times(await passage(deployed), MONTH_MS / 60_000 / heartbeatMinutes))
}

/** CloudWatch reports the change within a second or so, and resets the alarm after some minutes. */
const TOLD_AFTER_MS = 1000
const BACK_AFTER_MS = 120_000

async function passage(deployed: Deployed): Promise<Usage> {
  const { config, events } = storm({ alarms: 1, incidents: 1, services: 2, seed: 1, recover: true, start: START_MS })
  const [rung, back] = events.map((event) => renamed(event, heartbeatAlarm('Tocsin')))
  const heartbeat = keyOf(rung!.account, rung!.region, heartbeatAlarm('Tocsin'))
  const passed = account(checked(config), START_MS, deployed, { heartbeat, probe: async () => undefined })
  const { clock } = passed.world
  const tell = (event: AlarmEvent, at: number): void => clock.at(at, () => passed.send(textOf(event, at)))
  clock.at(START_MS, () =>
    passed.watch(() => {
      tell(rung!, clock.now() + TOLD_AFTER_MS)
      tell(back!, clock.now() + BACK_AFTER_MS)
    }),
  )
  await clock.run()
  return passed.meter.usage
}

/** Single alarms far apart, one service after the other; each is acknowledged after two minutes and recovers after ten. */
export async function calmMonth(deployed: Deployed): Promise<Usage> {
  const alarms = 1000
  const services = 60
  const apart = MONTH_MS / alarms
  const all = { alarms: services, incidents: services, services: services + 1, seed: 1, recover: true }
  const { config, events, truth } = storm(all)
  const month = account(checked(config), START_MS, deployed)
  const { clock, runtime } = month.world
  events.forEach((event, place) => {
    const began = START_MS + truth[place]! * apart
    const isOver = event.detail.state.value === 'OK'
    clock.at(isOver ? began + 600_000 : began, () => month.send(textOf(event, clock.now())))
    if (isOver) return
    clock.at(began + 120_000, async () => {
      const open = Object.values((await readBoard(runtime.table)).incidents).filter(isActive)
      if (open.length !== 1) throw new Error(`${open.length} incidents are open where one should be`)
      await month.click({ do: 'acknowledge', incident: open[0]!.id }, { id: 'U1', name: 'Ana' })
    })
  })
  await clock.run()
  await check(month, { firing: 0, posts: services })
  return times(month.meter.usage, alarms / services)
}

export async function million(deployed: Deployed, { seconds, storms }: (typeof STORMS)[number]): Promise<Usage> {
  const incidents = 5
  const { config, events } = storm({ alarms: SAMPLE, incidents, services: 60, seed: 1, start: START_MS })
  const at = events.map(({ detail }) => timeOf(detail.state.timestamp)!)
  const [first, last] = [at[0]!, at.at(-1)!]
  const stormy = account(checked(config), START_MS, deployed)
  const { clock } = stormy.world
  const next = (place: number): void => {
    const event = events[place]
    if (!event) return
    clock.at(START_MS + Math.round(((at[place]! - first) / (last - first)) * seconds * 1000), () => {
      stormy.send(textOf(event, clock.now()))
      next(place + 1)
    })
  }
  next(0)
  await clock.run()
  await check(stormy, { firing: SAMPLE, posts: incidents })
  const { metricHour } = stormy.meter.usage
  return { ...times(stormy.meter.usage, 1_000_000 / SAMPLE), metricHour: metricHour * storms }
}

/** How many incidents are open while a million alarms of theirs come. */
export const OPEN = [1, 50, 1000]
const OPEN_SAMPLE = 10_000
/** As many as a million within an hour. */
const EVERY_MS = 3.6

export interface Beside {
  incidents: number
  usage: Usage
  /** Write units of the index, for each commit. */
  unitsACommit: number
  alarmsACommit: number
}

/** Each alarm is new, and of a service that has an open incident. */
export async function besideOpen(deployed: Deployed, incidents: number): Promise<Beside> {
  const nameOf = (n: number): string => `service-${n}`
  const alarm = (n: number, of: string): AlarmEvent =>
    alarmEvent(nameOf(n % incidents), 'ALARM', START_MS, `${nameOf(n % incidents)}/latency/${of}`)
  const config = checked({
    slack: { channel: '#incidents' },
    services: Object.fromEntries(Array.from({ length: incidents }, (_, n) => [nameOf(n), {}])),
  })
  const written = { commits: 0, units: 0 }
  const quiet = memoryTable()
  const table: Table = {
    ...quiet,
    replace(item, expected) {
      if (item.pk === INDEX.pk) {
        written.commits++
        written.units += unitsOf(bytesOf(item))
      }
      return quiet.replace(item, expected)
    },
  }
  const full = account(config, START_MS, deployed, { table })
  const { clock } = full.world
  const after = (ms: number, event: AlarmEvent): void =>
    clock.at(START_MS + ms, () => full.send(textOf(event, clock.now())))
  for (let n = 0; n < incidents; n++) after(n * 100, alarm(n, 'first'))
  const began = incidents * 100 + 5000
  const ended = began + OPEN_SAMPLE * EVERY_MS
  let [before, during, isOver] = [nothing(), nothing(), false]
  clock.at(START_MS + began - 1, () => {
    before = { ...full.meter.usage }
    Object.assign(written, { commits: 0, units: 0 })
  })
  for (let n = 0; n < OPEN_SAMPLE; n++) after(began + n * EVERY_MS, alarm(n, String(n)))
  // What is told of the others afterwards has Slack's pace, and costs the same after a million.
  clock.at(START_MS + ended, () => {
    during = sum(full.meter.usage, times(before, -1))
  })
  clock.at(START_MS + ended + 20_000, () => {
    isOver = true
  })
  await clock.run(() => isOver)
  await check(full, { firing: incidents + OPEN_SAMPLE })
  return {
    incidents,
    usage: { ...times(during, 1_000_000 / OPEN_SAMPLE), metricHour: 0 },
    unitsACommit: written.units / written.commits,
    alarmsACommit: OPEN_SAMPLE / written.commits,
  }
}

/** Write units of one alarm alone, until it is told. */
export async function alone(deployed: Deployed): Promise<number> {
  const { config, events } = storm({ alarms: 1, incidents: 1, services: 2, seed: 1, start: START_MS })
  const one = account(checked(config), START_MS, deployed)
  const { clock } = one.world
  clock.at(START_MS, () => one.send(textOf(events[0]!, START_MS)))
  let write = 0
  clock.at(START_MS + 60_000, () => {
    write = one.meter.usage.write
  })
  await clock.run()
  await check(one, { firing: 1, posts: 1 })
  return write
}

/** A count from a run that went wrong is worthless. */
async function check({ world, table }: Account, expected: { firing: number; posts?: number }): Promise<void> {
  const found = Object.values((await readBoard(table)).incidents)
  const firing = found.reduce((alarms, incident) => alarms + incident.firing, 0)
  const { posts, refused } = world.chat.counts
  if (firing !== expected.firing || posts !== (expected.posts ?? posts) || refused > 0)
    throw new Error(`${firing} alarms fire after ${posts} posts, ${refused} of them refused`)
}

const checked = (config: Parameters<typeof checkConfig>[0]): Config => checkConfig(config, 'the storm')

function renamed(event: AlarmEvent, alarmName: string): AlarmEvent {
  const resources = [event.resources[0]!.replace(/:alarm:.*$/, `:alarm:${alarmName}`)]
  return { ...event, resources, detail: { ...event.detail, alarmName } }
}

/** As CloudWatch would report it at this time. */
function textOf(event: AlarmEvent, at: number): string {
  const time = new Date(at).toISOString()
  const { detail } = event
  const state = { ...detail.state, timestamp: time.replace('Z', '+0000') }
  return JSON.stringify({ ...event, time: time.replace(/\.\d+Z$/, 'Z'), detail: { ...detail, state } })
}
