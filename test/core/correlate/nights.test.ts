// What comes late ends as if it had come in time: nights that once ended otherwise.
import { describe, expect, test } from '@jest/globals'
import { at } from '../../support/alarms.ts'
import { configOf, night, onTime, type Arrival } from '../../support/night.ts'
import { outcomeOf } from '../../support/outcome.ts'

/** `[service/metric, state, at, arrives]`, in seconds; without the last, it arrives when it happens. */
type Line = [name: string, state: 'ALARM' | 'OK', at: number, arrives?: number]

const arrivalsOf = (lines: readonly Line[]): Arrival[] =>
  lines.map(([name, state, at, arrives = at]) => {
    const [service, metric] = name.split('/') as [string, string]
    return { one: { name, service, metric, state, at }, arrives }
  })

interface Late {
  dependsOn: Record<string, string[]>
  lines: Line[]
  /** The services of each incident, when it opened and when it resolved, in seconds. */
  ends: [services: string, openedAt: number, resolvedAt: number | null][]
}

const NIGHTS: Record<string, Late> = {
  'what was merged is held against all others again': {
    dependsOn: { a: ['d', 'f'], b: ['d'] },
    lines: [
      ['b/RequestLatency', 'ALARM', 0],
      ['a/RequestLatency', 'ALARM', 0],
      ['a/RequestLatency', 'OK', 602],
      ['d/RequestLatency', 'ALARM', 601, 602],
      ['d/RequestLatency', 'OK', 602],
    ],
    ends: [['a b d', 0, null]],
  },
  'a recovery that comes before its alarm moves the window on': {
    dependsOn: { a: ['b'] },
    lines: [
      ['b/RequestLatency', 'OK', 100, 100],
      ['b/RequestLatency', 'ALARM', 10, 110],
      ['a/RequestLatency', 'ALARM', 300],
      ['b/ErrorCount', 'OK', 700, 700],
      ['b/ErrorCount', 'ALARM', 640, 710],
      ['a/ErrorCount', 'ALARM', 1290],
    ],
    ends: [['a b', 10, null]],
  },
  'so does one that comes before the refire it ends': {
    dependsOn: { a: ['b'] },
    lines: [
      ['a/RequestLatency', 'ALARM', 0],
      ['a/RequestLatency', 'OK', 100],
      ['a/RequestLatency', 'OK', 2090, 2090],
      ['a/RequestLatency', 'ALARM', 2000, 2100],
      ['b/RequestLatency', 'ALARM', 2380],
      ['b/ErrorCount', 'ALARM', 2685],
    ],
    ends: [['a b', 0, null]],
  },
  'what ended is not opened again by what only came after it': {
    dependsOn: { a: ['c'], d: ['e'], e: ['c'] },
    lines: [
      ['a/RequestLatency', 'ALARM', 0],
      ['d/RequestLatency', 'ALARM', 0],
      ['a/RequestLatency', 'OK', 1],
      ['c/RequestLatency', 'ALARM', 601],
      ['d/RequestLatency', 'OK', 3900, 3990],
    ],
    ends: [
      ['a', 0, 301],
      ['c d', 0, null],
    ],
  },
  'a refire is known two minutes after the end of the reopen window': {
    dependsOn: {},
    lines: [
      ['d/ErrorCount', 'ALARM', 0],
      ['d/ErrorCount', 'OK', 100],
      ['d/ErrorCount', 'ALARM', 3999, 4119],
    ],
    ends: [['d', 0, null]],
  },
  'a firing that came late ties its services to what refires with it': {
    dependsOn: { a: ['e'] },
    lines: [
      ['e/ErrorCount', 'ALARM', 0],
      ['e/ErrorCount', 'OK', 100],
      ['a/DiskUsed', 'ALARM', 3900],
      ['e/DiskUsed', 'ALARM', 4030, 4030],
      ['e/DiskUsed', 'OK', 4010, 4010],
      ['e/DiskUsed', 'ALARM', 3990, 4040],
    ],
    ends: [['a e', 0, null]],
  },
  'an alarm that turns out to have flapped ends when it is steady': {
    dependsOn: {},
    lines: [
      ['a/ErrorCount', 'ALARM', 0],
      ['a/ErrorCount', 'OK', 10],
      ['a/ErrorCount', 'OK', 210, 315],
      ['a/ErrorCount', 'ALARM', 200, 320],
    ],
    ends: [['a', 0, 910]],
  },
  'a change after the end of the other ties nothing': {
    dependsOn: {},
    lines: [
      ['a/RequestLatency', 'ALARM', 1801],
      ['a/RequestLatency', 'OK', 3600],
      ['a/ErrorCount', 'ALARM', 0],
      ['a/ErrorCount', 'OK', 3901],
    ],
    ends: [
      ['a', 0, 4201],
      ['a', 1801, 3900],
    ],
  },
  'a change before the window of the other ties nothing': {
    dependsOn: {},
    lines: [
      ['a/RequestLatency', 'ALARM', 601],
      ['a/RequestLatency', 'OK', 901],
      ['a/ErrorCount', 'ALARM', 0],
      ['a/ErrorCount', 'OK', 1202],
    ],
    ends: [
      ['a', 0, 1502],
      ['a', 601, 1201],
    ],
  },
  'a recovery that comes late, inside the window of the other, makes both one': {
    dependsOn: {},
    lines: [
      ['b/RequestLatency', 'ALARM', 601],
      ['b/RequestLatency', 'OK', 602],
      ['b/ErrorCount', 'ALARM', 0],
      ['b/ErrorCount', 'OK', 821, 903],
      ['a/RequestLatency', 'ALARM', 0],
    ],
    ends: [
      ['b', 0, 1121],
      ['a', 0, null],
    ],
  },
  'what began inside the window of the other makes both one': {
    dependsOn: { c: ['f'], f: ['d'] },
    lines: [
      ['d/RequestLatency', 'ALARM', 601],
      ['d/RequestLatency', 'OK', 602],
      ['d/RequestLatency', 'ALARM', 4501],
      ['a/RequestLatency', 'ALARM', 0],
      ['c/RequestLatency', 'ALARM', 0],
      ['c/RequestLatency', 'OK', 4200],
    ],
    ends: [
      ['a', 0, null],
      ['c d', 0, null],
    ],
  },
  'the same service twice, neither in the time of the other, stays apart': {
    dependsOn: {},
    lines: [
      ['f/RequestLatency', 'ALARM', 601],
      ['f/RequestLatency', 'OK', 602],
      ['a/RequestLatency', 'ALARM', 0],
      ['f/ErrorCount', 'ALARM', 0],
      ['f/ErrorCount', 'OK', 903],
    ],
    ends: [
      ['a', 0, null],
      ['f', 0, 1203],
      ['f', 601, 902],
    ],
  },
  'once one has ended, being near it is not enough': {
    dependsOn: {},
    lines: [
      ['a/RequestLatency', 'ALARM', 601],
      ['a/RequestLatency', 'OK', 3900],
      ['a/ErrorCount', 'ALARM', 0],
      ['a/ErrorCount', 'OK', 4201],
    ],
    ends: [
      ['a', 0, 4501],
      ['a', 601, 4200],
    ],
  },
  'each must have changed in the time of the other': {
    dependsOn: {},
    lines: [
      ['c/ErrorCount', 'ALARM', 901],
      ['c/ErrorCount', 'OK', 902],
      ['c/RequestLatency', 'ALARM', 0],
      ['c/RequestLatency', 'OK', 1203],
      ['a/RequestLatency', 'ALARM', 0],
    ],
    ends: [
      ['c', 0, 1503],
      ['a', 0, null],
      ['c', 901, 1202],
    ],
  },
  'a refire that comes late moves the window for what came before it': {
    dependsOn: { e: ['f'], f: ['c'] },
    lines: [
      ['e/RequestLatency', 'ALARM', 1501],
      ['c/RequestLatency', 'ALARM', 0],
      ['c/RequestLatency', 'OK', 1200],
      ['c/RequestLatency', 'ALARM', 1398, 1501],
      ['a/RequestLatency', 'ALARM', 0],
    ],
    ends: [
      ['c e', 0, null],
      ['a', 0, null],
    ],
  },
}

describe('what came late', () => {
  const seconds = (time: string | null): number | null => (time === null ? null : (Date.parse(time) - at(0)) / 1000)

  test.each(Object.entries(NIGHTS))('%s', async (_, { dependsOn, lines, ends }) => {
    const config = configOf(dependsOn)
    const arrivals = arrivalsOf(lines)
    const { incidents } = await night(config, arrivals)
    expect(
      incidents.map(({ services, openedAt, resolvedAt }) => [
        services.join(' '),
        seconds(openedAt),
        seconds(resolvedAt),
      ]),
    ).toEqual(ends)
    const calm = await onTime(
      config,
      arrivals.map(({ one }) => one),
    )
    expect(outcomeOf(calm)).toEqual(outcomeOf({ ...calm, incidents }))
  })
})
