// Both published incidents, and what people did: through the real stages, in memory.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import { replay, type Click } from '../../replay/replay.ts'
import userConfig from '../../tocsin.config.ts'
import { at, event } from '../support/alarms.ts'
import { outcomeOf } from '../support/outcome.ts'

interface Recorded {
  time: string
}

const recorded = (name: string): Recorded[] =>
  readFileSync(new URL(`../../local/scenarios/${name}/events.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)

const config = checkConfig(userConfig)
const play = (events: readonly object[], clicks: Click[] = []) =>
  replay(
    config,
    events.map((message, i) => ({ line: i + 1, message })),
    clicks,
  )

/** The same every time: lines swap places within half a minute, and each comes twice. */
function disturbed(events: readonly Recorded[], seed: number): Recorded[] {
  let state = seed
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  return [...events, ...events]
    .map((event) => ({ event, arrives: Date.parse(event.time) + random() * 30_000 }))
    .sort((a, b) => a.arrives - b.arrives)
    .map(({ event }) => event)
}

describe('a queue backs up', () => {
  test('is one incident with one message for each team, its cause the broker, and nobody is told again when the disk alarm comes back', async () => {
    const { story, world } = await play(recorded('broker-queue-backlog'))
    expect(story.incidents).toHaveLength(1)
    expect(story.incidents[0]).toMatchObject({
      status: 'resolved',
      severity: 'critical',
      openedAt: '2024-05-02T14:39:10.000Z',
    })
    expect(story.incidents[0]!.causes[0]!.service).toBe('message-broker')
    expect(story.slack.perChannel).toMatchObject({ '#platform': { posts: 1 }, '#studio': { posts: 1 } })
    expect(story.slack.posts).toBe(2)
    const replies = [...world.chat.messages.values()]
      .filter(({ threadTs }) => threadTs !== undefined)
      .map(({ text }) => text)
    expect(replies.filter((text) => text.includes('RabbitMQDiskFree'))).toEqual([])
    expect(world.chat.counts.refused).toBe(0)
  })

  test('shows within the second of the first alarm', async () => {
    const { world } = await play(recorded('broker-queue-backlog'))
    const [post] = [...world.chat.messages.values()]
    expect(Number(post!.ts.split('.')[0]) * 1000).toBe(Date.parse('2024-05-02T14:39:10Z'))
  })
})

describe('a timeout spreads', () => {
  test('is one incident with Athena as its cause, and billing’s disk is another', async () => {
    const { story } = await play(recorded('connection-timeout'))
    expect(story.incidents.map(({ services }) => services)).toEqual([
      ['athena', 'studio-api', 'studio-web', 'web-experience'],
      ['billing'],
    ])
    expect(story.incidents[0]!.causes[0]!.service).toBe('athena')
    expect(story.incidents.map(({ status }) => status)).toEqual(['resolved', 'resolved'])
  })
})

test.each(['broker-queue-backlog', 'connection-timeout'])(
  '%s ends the same when its lines come twice and in another order',
  async (name) => {
    const events = recorded(name)
    const expected = outcomeOf((await play(events)).story)
    for (let seed = 1; seed <= 25; seed++) {
      const { story, world } = await play(disturbed(events, seed))
      expect({ seed, outcome: outcomeOf(story) }).toEqual({ seed, outcome: expected })
      const posts = [...world.chat.messages.values()].filter(({ threadTs }) => threadTs === undefined)
      const places = posts.map(({ channel, tag }) => `${channel} ${tag}`)
      expect({ seed, places: places.toSorted() }).toEqual({ seed, places: [...new Set(places)].toSorted() })
    }
  },
)

describe('people', () => {
  const broken = recorded('connection-timeout')
  const click = (seconds: number, user: string, action: Click['action'], choice?: string): Click => ({
    at: Date.parse('2024-05-14T15:30:00Z') + seconds * 1000,
    user,
    action,
    incident: 'INC-0001',
    ...(choice !== undefined && { choice }),
  })

  test('acknowledge once; the second is told who was first', async () => {
    const { story, world } = await play(broken, [click(0, 'Ana', 'acknowledge'), click(5, 'Ben', 'acknowledge')])
    expect(story.incidents[0]!.acknowledgedAt).toBe('2024-05-14T15:30:00.000Z')
    expect(world.dialogs.whispers).toEqual(['Ana has acknowledged it already, at 15:30 UTC.'])
    expect(story.incidents[0]!.timeline.filter(({ kind }) => kind === 'acknowledged')).toHaveLength(1)
  })

  test('snooze it, and are told when that is over', async () => {
    const { story } = await play(broken, [click(0, 'Ana', 'snooze', '15m')])
    const kinds = story.incidents[0]!.timeline.map(({ kind, at }) => `${kind} ${at.slice(11, 16)}`)
    expect(kinds).toContain('snoozed 15:30')
    expect(kinds).toContain('woke 15:45')
  })

  test('resolve it while alarms fire, and a refire brings it back in the same thread', async () => {
    const again = event({ name: 'cart/latency', at: 900, state: 'OK' })
    const { story } = await play(
      [event({ name: 'cart/latency', at: 0 }), again, event({ name: 'cart/latency', at: 1000 })],
      [{ at: at(600), user: 'Ana', action: 'resolve' }],
    )
    expect(story.incidents.map(({ status, timeline }) => [status, timeline.map(({ kind }) => kind)])).toEqual([
      ['open', ['opened', 'resolved', 'reopened']],
    ])
    expect(story.slack.posts).toBe(1)
  })

  test('take a service out, and its later alarms go with it', async () => {
    const { story } = await play(broken, [click(0, 'Ana', 'unrelated', 'web-experience')])
    expect(story.incidents.map(({ services }) => services)).toContainEqual(['web-experience'])
    expect(story.incidents.find(({ services }) => services.includes('athena'))!.services).not.toContain(
      'web-experience',
    )
    expect(story.incidents.every(({ status }) => status === 'resolved')).toBe(true)
  })
})
