import { storm, type StormOptions } from '../../bench/storm.ts'
import { tablesOf, tableText } from '../../bench/report.ts'
import { checkConfig } from '../../lambda/config.ts'
import { read, timeOf } from '../../lambda/core/intake/envelopes.ts'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import { replay } from '../../replay/replay.ts'

const SMALL: StormOptions = { alarms: 300, incidents: 3, services: 40, seed: 7 }

const timesOf = ({ events }: ReturnType<typeof storm>): number[] =>
  events.map(({ detail }) => timeOf(detail.state.timestamp)!)

const groupsOf = (labels: readonly (string | number)[]): Set<string> => {
  const groups = new Map<string | number, number[]>()
  labels.forEach((label, place) => groups.set(label, [...(groups.get(label) ?? []), place]))
  return new Set([...groups.values()].map((places) => places.join()))
}

describe('a storm', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(storm(SMALL)).toEqual(storm(SMALL))
    expect(storm({ ...SMALL, seed: 8 })).not.toEqual(storm(SMALL))
  })

  test('has the same services for every number of alarms, but no alarm of another size', () => {
    const [small, large] = [storm(SMALL), storm({ ...SMALL, alarms: 500 })]
    expect(large.config).toEqual(small.config)
    const names = new Set(small.events.map(({ detail }) => detail.alarmName))
    expect(large.events.filter(({ detail }) => names.has(detail.alarmName))).toEqual([])
  })

  test.each([
    ['as many alarms for each fault', { alarms: 300, incidents: 3 }, [100, 100, 100]],
    ['one more for the first ones where they cannot be shared out evenly', { alarms: 11, incidents: 3 }, [4, 4, 3]],
    ['a change for each alarm and each recovery', { alarms: 30, incidents: 3, recover: true }, [20, 20, 20]],
  ])('has %s', (_, options, expected) => {
    const { events, truth, config } = storm({ ...SMALL, ...options })
    expect([1, 2, 3].map((fault) => truth.filter((of) => of === fault).length)).toEqual(expected)
    expect(events).toHaveLength(truth.length)
    expect(new Set(events.map(({ detail }) => detail.alarmName)).size).toBe(options.alarms)
    expect(Object.keys(config.services)).toHaveLength(SMALL.services)
  })

  test('tells its changes in the order of time, and each fault at its head first', () => {
    const played = storm({ ...SMALL, recover: true })
    const times = timesOf(played)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    const rules = rulesOf(checkConfig(played.config))
    for (const fault of [1, 2, 3]) {
      const first = read(played.events[played.truth.indexOf(fault)], Date.now())
      expect(first.is === 'alarm' && rules.service(rules.serviceOf(first.change)).dependsOn).toEqual(['svc-0000'])
    }
  })

  test('is read as alarms of its services, with what is needed to find the cause', () => {
    const { events, config } = storm(SMALL)
    const rules = rulesOf(checkConfig(config))
    const signals = new Set<string>()
    for (const [place, at] of timesOf(storm(SMALL)).entries()) {
      const reading = read(events[place], at)
      if (reading.is !== 'alarm') throw new Error(`${reading.is}: ${reading.reason}`)
      expect(reading.change).toMatchObject({ state: 'ALARM', at, side: 'above' })
      expect(reading.change.value).toBeGreaterThan(reading.change.threshold!)
      expect(config.services).toHaveProperty([rules.serviceOf(reading.change)])
      signals.add(rules.signalOf(reading.change))
    }
    expect([...signals].sort()).toEqual(['disk', 'latency', 'memory'])
  })

  test('that asks for more faults than services is refused', () => {
    expect(() => storm({ ...SMALL, services: 3 })).toThrow('needs more services')
  })
})

describe('through the pipeline', () => {
  test('300 alarms of 3 faults become exactly these 3 incidents, one post each', async () => {
    const { config, events, truth } = storm(SMALL)
    const { story, world } = await replay(
      checkConfig(config),
      events.map((message, place) => ({ line: place + 1, message })),
    )
    expect(story).toMatchObject({ accepted: 300, ignored: [], unreadable: [] })
    expect(groupsOf(events.map((_, place) => story.alarmToIncident[place + 1]!))).toEqual(groupsOf(truth))
    expect(story.incidents.map(({ alarms }) => alarms.length)).toEqual([100, 100, 100])
    expect(story.slack.posts).toBe(3)
    expect(Object.values(story.slack.perIncident).map(({ posts }) => posts)).toEqual([1, 1, 1])
    expect(world.chat.counts.refused).toBe(0)
  })

  test('when all of it recovers, all of it resolves', async () => {
    const { config, events, truth } = storm({ ...SMALL, recover: true })
    const { story } = await replay(
      checkConfig(config),
      events.map((message, place) => ({ line: place + 1, message })),
    )
    expect(groupsOf(events.map((_, place) => story.alarmToIncident[place + 1]!))).toEqual(groupsOf(truth))
    expect(story.incidents.map(({ status }) => status)).toEqual(['resolved', 'resolved', 'resolved'])
    expect(story.slack.posts).toBe(3)
  })
})

describe('the report', () => {
  const engine = {
    alarms: 10_000,
    incidents: 5,
    services: 60,
    runs: 3,
    bestAlarmsPerSecond: 260_000,
    readMicros: 2,
    correlateMicros: 2,
  }

  test.each([
    ['✓', 250_000],
    ['✗', 150_000],
  ])('says %s of an engine that makes %d alarms a second', (mark, alarmsPerSecond) => {
    const [table] = tablesOf({ engine: { ...engine, alarmsPerSecond } })
    expect(tableText(table!)).toMatch(
      new RegExp(`${mark} read and correlated +${alarmsPerSecond / 1000},000 alarms/s +target: at least 200,000`),
    )
  })
})
