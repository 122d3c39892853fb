// When Slack is in trouble: the next attempt is seconds away, one channel's trouble is its own, and what happened meanwhile is told afterwards.
import { describe, expect, test } from '@jest/globals'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import type { Trouble } from '../../lambda/ports/slack.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { notify } from '../../lambda/stages/notify.ts'
import { world, type World } from '../../replay/world.ts'
import { at } from '../support/alarms.ts'
import {
  configIn,
  escalating,
  fires,
  HOUR,
  incidentOf,
  openWork,
  postedAt,
  posts,
  recovers,
  send,
} from '../support/told.ts'
import { troubled, type Fate } from '../support/troubled.ts'

const config = configIn('#a')

describe('the next attempt is seconds away', () => {
  const LOST: Trouble = { is: 'lost', reason: 'socket hang up' }
  test.each<[string, Fate, number]>([
    ['answers 503 once', LOST, 2],
    ['drops the connection after it took the message', 'done but lost', 2],
    ['lets it time out', 'hangs', 10],
    ['says rate_limited', { is: 'retry', afterSeconds: 1 }, 1],
    ['asks to wait for half a minute', { is: 'retry', afterSeconds: 30 }, 30],
    ['refuses that message', { is: 'refused', by: 'message', reason: 'msg_too_long' }, 5],
    ['does not let Tocsin in', { is: 'refused', by: 'channel', reason: 'not_in_channel' }, 5],
    ['does not take the token', { is: 'refused', by: 'app', reason: 'invalid_auth' }, 5],
  ])('when it %s', async (_, first, seconds) => {
    const fates = [first]
    const played = world(
      config,
      at(0),
      troubled((method) => (method === 'post' ? fates.shift() : undefined) ?? 'answered'),
    )
    const known: [told: number, of: string][] = []
    const { post } = played.chat
    played.chat.post = async (...args) => {
      const sent = await post(...args)
      known.push([(played.clock.now() - at(0)) / 1000, args[2]])
      return sent
    }
    fires(played, 0, 's0')
    await played.clock.run()
    expect(posts(played)).toHaveLength(1)
    expect(known.at(-1)![0]).toBeLessThanOrEqual(seconds)
    expect(openWork(played)).toEqual(['INC-0001'])
    expect(played.unheard).toEqual([])
  })
})

test('a post whose answer was lost shows what it showed: what happened since follows, also when it is over by then', async () => {
  let isFirst = true
  const played: World = world(
    config,
    at(0),
    troubled((method) => {
      if (method === 'post' && isFirst) {
        isFirst = false
        return 'done but lost'
      }
      return played.clock.now() < at(900) ? 'lost' : 'answered'
    }),
  )
  fires(played, 0, 's0')
  recovers(played, 60, 's0')
  await played.clock.run()
  expect(posts(played).map(({ text }) => text)).toEqual([expect.stringContaining('resolved')])
})

describe('Slack is gone for an hour', () => {
  const [GONE, BACK] = [300, 3900]

  /** Ten incidents in each of two channels: half of them before, the others while Slack is gone; some end meanwhile. */
  async function hour(gone: Fate): Promise<World> {
    let channel = '#a'
    const isGone = (now: number): boolean => now >= at(GONE) && now < at(BACK)
    const played: World = world(config, at(0), (runtime: Runtime) =>
      troubled(() => (isGone(played.clock.now()) ? gone : 'answered'))({
        ...runtime,
        rules: rulesOf(configIn(channel)),
      }),
    )
    const inChannel = (seconds: number, name: string): void => played.clock.at(at(seconds), () => void (channel = name))
    for (const [first, start] of [
      [0, 0],
      [10, GONE + 60],
    ] as const)
      for (const [place, name] of (['#a', '#b'] as const).entries()) {
        inChannel(start + 100 * place, name)
        for (let of = 0; of < 5; of++) fires(played, start + 100 * place + 2 + of, `s${first + 5 * place + of}`)
      }
    for (const service of ['s0', 's5', 's10', 's15']) recovers(played, BACK - 600, service)
    // Something happens all the time.
    for (let seconds = GONE + 400; seconds < BACK; seconds += 50)
      send(played, seconds, { name: `s1/errors-${seconds}`, service: 's1', metric: 'Errors' })
    await played.clock.run(() => played.clock.now() > at(BACK + 60))
    return played
  }

  test.each<[string, Fate]>([
    ['connections are refused', 'lost'],
    ['nothing answers', 'hangs'],
  ])(
    '%s: afterwards it is told within seconds, new incidents first, and all is true within a minute',
    async (_, gone) => {
      const played = await hour(gone)
      const all = posts(played)
      expect(new Set(all.map(incidentOf)).size).toBe(20)
      expect(all).toHaveLength(20)
      expect(all.filter(({ channel }) => channel === '#a')).toHaveLength(10)
      const late = all.filter((post) => postedAt(post) >= GONE)
      expect(late).toHaveLength(10)
      expect(Math.min(...late.map(postedAt))).toBeLessThanOrEqual(BACK + 20)
      const firstEdits = all.flatMap(({ channel, edits }) =>
        edits.filter((edit) => edit.at >= at(BACK)).map((edit) => ({ channel, at: edit.at })),
      )
      for (const channel of ['#a', '#b']) {
        const firstEdit = Math.min(...firstEdits.filter((edit) => edit.channel === channel).map((edit) => edit.at))
        const firstPost = Math.min(...late.filter((post) => post.channel === channel).map(postedAt))
        expect(at(firstPost)).toBeLessThanOrEqual(firstEdit)
      }
      for (const service of ['s0', 's5', 's10', 's15'])
        expect(all.find(({ text }) => text.includes(` ${service}:`))!.text).toContain('resolved')
      expect(played.chat.counts.refused).toBe(0)
      expect(played.unheard).toEqual([])
    },
  )
})

describe('a channel that takes nothing any more', () => {
  const refusing = (until: number) => {
    let tries = 0
    let channel = '#gone'
    const played: World = world(config, at(0), (runtime) => ({
      ...runtime,
      rules: rulesOf(configIn(channel)),
      chat: {
        ...runtime.chat,
        async post(where, message, tag) {
          const isGone = 'channel' in where && where.channel === '#gone' && played.clock.now() < at(until)
          if (!isGone) return runtime.chat.post(where, message, tag)
          tries++
          return { is: 'refused', by: 'channel', reason: 'is_archived' }
        },
      },
    }))
    played.clock.at(at(5), () => void (channel = '#a'))
    fires(played, 1, 's0')
    fires(played, 2, 's1')
    fires(played, 10, 's2')
    return { played, tries: () => tries }
  }

  test('delays nothing in the others, is asked once a minute, and is replaced by the common one after five', async () => {
    const { played, tries } = refusing(Infinity)
    await played.clock.run(() => played.clock.now() > at(1800))
    expect(posts(played).map((post) => [post.channel, postedAt(post), incidentOf(post)])).toEqual([
      ['#a', 10, 'INC-0003'],
      ['#a', expect.closeTo(307, -1), 'INC-0001'],
      ['#a', expect.closeTo(307, -1), 'INC-0002'],
    ])
    expect(tries()).toBeGreaterThan(28)
    expect(tries()).toBeLessThan(45)
  })

  test('is told everything within a minute after it takes messages again', async () => {
    const { played } = refusing(1000)
    await played.clock.run(() => played.clock.now() > at(1100))
    const late = posts(played).filter(({ channel }) => channel === '#gone')
    expect(late.map(incidentOf).sort()).toEqual(['INC-0001', 'INC-0002'])
    for (const post of late) expect(postedAt(post)).toBeLessThanOrEqual(1000 + 62)
  })
})

describe('an incident that has left the index', () => {
  const gone = (from: number, until: number) => {
    const played: World = world(
      config,
      at(0),
      troubled(() => (played.clock.now() >= at(from) && played.clock.now() < at(until) ? 'lost' : 'answered')),
    )
    return played
  }
  test.each([
    ['began before Slack was gone', 60],
    ['came and went while Slack was gone', -1],
  ])('%s: its end is told once Slack is back, and nothing is left to do', async (_, from) => {
    const played = gone(from, 3 * HOUR)
    fires(played, 0, 's0')
    recovers(played, 300, 's0')
    await played.clock.run()
    expect(posts(played).map(({ text }) => text)).toEqual([expect.stringContaining('resolved')])
    expect(openWork(played)).toEqual([])
  })

  test('is forgotten a week later, if Slack does not come back', async () => {
    const played = gone(60, Infinity)
    fires(played, 0, 's0')
    recovers(played, 300, 's0')
    await played.clock.run(() => played.clock.now() > at(3 * HOUR))
    expect(openWork(played)).toEqual(['INC-0001'])
    const clock = { ...played.clock, now: () => at(8 * 24 * HOUR) }
    await notify({ ...played.runtime, clock }, '#a', Infinity)
    expect(openWork(played)).toEqual([])
    expect(posts(played).map(({ text }) => text)).toEqual([expect.not.stringContaining('resolved')])
  })

  test('is reopened by a click on its old message: that message goes on', async () => {
    const played = gone(0, 0)
    fires(played, 0, 's0')
    recovers(played, 300, 's0')
    const clicks = [5 * HOUR, 6 * HOUR] as const
    for (const [place, seconds] of clicks.entries())
      played.clock.at(at(seconds), async () => {
        expect(openWork(played)).toEqual(place === 0 ? [] : ['INC-0001'])
        const action = place === 0 ? 'reopen' : 'resolve'
        await played.click({ do: action, incident: 'INC-0001' }, { id: 'U0ANA', name: 'ana' })
      })
    await played.clock.run()
    expect(posts(played).map(({ text }) => text)).toEqual([expect.stringContaining('resolved by ana')])
    expect(openWork(played)).toEqual([])
  })
})

test('a call that fell into the time without Slack is made afterwards', async () => {
  const played: World = world(
    escalating,
    at(0),
    troubled(() => (played.clock.now() < at(600) ? 'lost' : 'answered')),
  )
  fires(played, 0, 's0')
  await played.clock.run(() => played.clock.now() > at(700))
  const replies = [...played.chat.messages.values()].filter(({ threadTs }) => threadTs !== undefined)
  expect(replies.map(({ text }) => text.split('\n')[0])).toEqual(['<@U0LEAD>'])
})

test('two channels that change all the time share the fifty edits a minute, and both go on', async () => {
  let channel = '#a'
  const played: World = world(config, at(0), (runtime) => ({ ...runtime, rules: rulesOf(configIn(channel)) }))
  played.clock.at(at(5), () => void (channel = '#b'))
  for (const [place, service] of ['s0', 's1'].entries()) {
    fires(played, 1 + 5 * place, service)
    for (let seconds = 10; seconds < 300; seconds++)
      send(played, seconds, { name: `${service}/errors-${seconds}`, service, metric: 'Errors' })
  }
  await played.clock.run(() => played.clock.now() > at(320))
  const edits = posts(played).map((post) => post.edits.map((edit) => edit.at))
  expect(posts(played).map((post) => post.channel)).toEqual(['#a', '#b'])
  for (const of of edits) expect(of.length).toBeGreaterThan(90)
  expect(played.chat.counts.refused).toBeLessThan(3)
})
