// Teams in trouble: channels that refuse, answers that are lost, damaged items, and whoever may stop everything.
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import type { Sent } from '../../lambda/ports/slack.ts'
import type { Shown } from '../../replay/memory.ts'
import { tellStory } from '../../replay/replay.ts'
import { world, type World } from '../../replay/world.ts'
import { at, body } from '../support/alarms.ts'
import {
  archived,
  callsIn,
  config,
  GONE,
  inChannel,
  INPUT,
  LOST,
  meanwhile,
  night,
  only,
  unowned,
  where,
  wordsIn,
} from '../support/teams.ts'
import { answering, brings, click, fires, postedAt, posts, recovers, spoils, until } from '../support/told.ts'

describe('a channel that refuses every message', () => {
  test('is replaced after five minutes by the common one, which says why', async () => {
    const played = archived(0)
    fires(played, 1, 'db')
    fires(played, 10, 'api')
    meanwhile(played, 290, () => expect(where(played)).toEqual([['#pay', 'INC-0001']]))
    await until(played, 500)
    expect(where(played)).toEqual([
      ['#pay', 'INC-0001'],
      ['#ops', 'INC-0001'],
    ])
    expect(postedAt(only(inChannel(played, '#ops')))).toBeLessThan(370)
    expect(wordsIn(played, '#ops')).toContain('#data refuses messages, so this is told here: the channel is archived')
    expect(wordsIn(played, '#ops')).toContain('"action_id":"resolve"')
    expect(wordsIn(played, '#pay')).toContain(
      `/p${only(inChannel(played, '#ops')).ts.replace('.', '')}|INC-0001> is in #ops`,
    )
  })

  test('is not replaced if it takes messages when it is asked again', async () => {
    const played = archived(0, 304)
    fires(played, 1, 'db')
    await until(played, 500)
    expect(where(played)).toEqual([['#data', 'INC-0001']])
  })

  test('is not replaced if it took a message whose answer was lost', async () => {
    const answers: Sent[] = [GONE]
    const played: World = night((runtime) =>
      answering({
        async post(to, message, tag) {
          const first = answers.shift()
          if (first) return first
          const sent = await runtime.chat.post(to, message, tag)
          return played.chat.messages.size === 1 && played.clock.now() < at(20) ? LOST : sent
        },
      })(runtime),
    )
    fires(played, 1, 'db')
    brings(played, 400, body({ name: 'db/again', service: 'db', at: 400 }))
    await until(played, 600)
    expect(where(played)).toContainEqual(['#data', 'INC-0001'])
    expect(where(played)).not.toContainEqual(['#ops', 'INC-0001'])
  })

  test('is replaced at once for what opens later', async () => {
    const played = archived(0)
    fires(played, 1, 'db')
    fires(played, 2000, 'mail')
    fires(played, 2001, 'api')
    fires(played, 3900, 'api')
    await until(played, 2100)
    expect(where(played)).toContainEqual(['#ops', 'INC-0001'])
  })

  test('does not swallow a call', async () => {
    const played = archived(60)
    fires(played, 1, 'api')
    fires(played, 10, 'db')
    await until(played, 800)
    expect(only(callsIn(played, '#ops')).mentions).toEqual(['U0DORA'])
    expect(wordsIn(played, '#ops')).toContain('"action_id":"acknowledge"')
  })

  test('does not call anew when it takes messages again', async () => {
    const played = archived(60, 1000)
    fires(played, 1, 'api')
    fires(played, 10, 'db')
    await until(played, 1300)
    expect(callsIn(played, '#ops')).toHaveLength(1)
    expect(callsIn(played, '#data')).toEqual([])
    expect(wordsIn(played, '#data')).toContain('INC-0001> is in #pay')
  })

  test('has a line once it takes messages again', async () => {
    const played = archived(0, 1000)
    fires(played, 1, 'db')
    await until(played, 1100)
    expect(wordsIn(played, '#data')).toContain('INC-0001> is in #ops')
    expect(posts(played)).toHaveLength(2)
  })

  test('names its own services then', async () => {
    const played = archived(0, 1000)
    fires(played, 1, 'api')
    fires(played, 10, 'db')
    await until(played, 1300)
    expect(wordsIn(played, '#data')).toContain('Probable cause: your Ledger database')
    const home = archived(60, 1500, { channel: '#pay' })
    fires(home, 1, 'api')
    fires(home, 100, 'db')
    fires(home, 1600, 'app')
    await until(home, 1900)
    expect(wordsIn(home, '#pay')).toContain('Of your services: Pay API and Pay app')
  })

  test.each([
    ['because Tocsin was removed from it', GONE],
    ['because the token was revoked for a while', { is: 'refused', by: 'app', reason: 'token_revoked' } as const],
  ])('gets what it missed, %s', async (_, fate) => {
    const quiet = checkConfig({ ...INPUT, slack: { channel: '#data' }, teams: {}, services: { db: {} } })
    const played = archived(0, 4000, { by: quiet, fate })
    fires(played, 1, 'db')
    await until(played, 4 * 3600)
    expect(where(played)).toEqual([['#data', 'INC-0001']])
  })

  test('is replaced also for an incident that is over before', async () => {
    const played = archived(0)
    fires(played, 1, 'db')
    recovers(played, 2, 'db')
    await until(played, 4000)
    expect(where(played)).toEqual([['#ops', 'INC-0001']])
    expect(wordsIn(played, '#ops')).toContain('✅')
  })

  test('is replaced once an incident is open again that was over when it would have been', async () => {
    const played = archived(60)
    fires(played, 1, 'db')
    recovers(played, 50, 'db')
    click(played, 900, 'reopen')
    await until(played, 2000)
    expect(wordsIn(played, '#ops')).toContain('*INC-0001*')
  })

  test.each([
    ['that knows nothing of the incident', '#shop'],
    ['that has a line of it already', '#ops'],
  ])('does not swallow an escalation: the common channel %s', async (_, channel) => {
    const by = checkConfig({
      slack: { channel: '#ops' },
      services: { db: { team: 'data' }, shop: { team: 'shop', dependsOn: ['db'] } },
      teams: {
        data: { channel: '#data', escalation: [{ afterSeconds: 100, notify: ['U0DORA'] }] },
        shop: { channel },
      },
    })
    const played = archived(60, Infinity, { by })
    fires(played, 1, 'db')
    fires(played, 200, 'shop')
    await until(played, 3000)
    expect(wordsIn(played, '#ops')).toContain('*INC-0001*')
    expect(callsIn(played, '#ops').map(({ mentions }) => mentions)).toEqual([['U0DORA']])
  })

  test('and another one too: each call is told in the common one, once', async () => {
    const played: World = night((runtime) =>
      answering({ post: (to) => ('channel' in to && to.channel !== '#ops' ? Promise.resolve(GONE) : undefined) })(
        runtime,
      ),
    )
    fires(played, 1, 'api')
    fires(played, 10, 'db')
    await until(played, 1000)
    expect(inChannel(played, '#ops')).toHaveLength(1)
    expect(callsIn(played, '#ops').map(({ mentions }) => mentions)).toEqual([['U0DORA']])
  })
})

test('a call that could not be told before its incident was merged is made for the other one', async () => {
  const played = archived(0, 290)
  fires(played, 1, 'mail')
  fires(played, 20, 'api')
  fires(played, 30, 'db')
  fires(played, 200, 'news')
  await until(played, 2000)
  expect(only(callsIn(played, '#data')).mentions).toEqual(['U0DORA'])
})

describe('a line links to the home', () => {
  const linkOf = ({ ts }: Shown): string => `/p${ts.replace('.', '')}|INC-0001>`
  const slowIn =
    (channel: string, ms: number) =>
    (runtime: Runtime): Runtime =>
      answering({
        post: (to, ...rest) =>
          'channel' in to && to.channel === channel
            ? (async () => {
                const sent = await runtime.chat.post(to, ...rest)
                await runtime.clock.sleep(ms)
                return sent
              })()
            : undefined,
      })(runtime)

  test('that is posted while the line is', async () => {
    const played = night(slowIn('#data', 5000))
    fires(played, 1, 'db')
    fires(played, 3, 'api')
    await until(played, 500)
    expect(wordsIn(played, '#pay')).toContain(linkOf(only(inChannel(played, '#data'))))
  })

  test('whose answer was lost', async () => {
    let isLost = false
    const played = night((runtime) =>
      answering({
        post(to, ...rest) {
          if (isLost || !('channel' in to) || to.channel !== '#data') return undefined
          isLost = true
          return runtime.chat.post(to, ...rest).then(() => LOST)
        },
      })(runtime),
    )
    const batch = ['db', 'api'].map((service) => ({ id: service, body: body({ name: `${service}/latency`, service }) }))
    played.clock.at(at(1), async () => void (await played.deliver(batch)))
    await until(played, 500)
    expect(wordsIn(played, '#pay')).toContain(linkOf(only(inChannel(played, '#data'))))
  })

  test('that somebody deletes, and that is posted again', async () => {
    const played = night(slowIn('#data', 3000))
    fires(played, 1, 'db')
    fires(played, 10, 'api')
    meanwhile(played, 60, () => {
      for (const [ref, { channel }] of played.chat.messages) if (channel === '#data') played.chat.messages.delete(ref)
    })
    fires(played, 70, 'app')
    await until(played, 560)
    expect(wordsIn(played, '#pay')).toContain(linkOf(only(inChannel(played, '#data'))))
  })

  test('that moves to the common channel', async () => {
    const played = archived(60, Infinity, { around: slowIn('#ops', 3000) })
    fires(played, 1, 'db')
    fires(played, 10, 'api')
    fires(played, 70, 'app')
    await until(played, 560)
    expect(wordsIn(played, '#pay')).toContain(`${linkOf(only(inChannel(played, '#ops')))} is in #ops`)
  })
})

describe('another config', () => {
  const changing = (before: typeof config, after: typeof config): World => {
    let now = before
    const played = night((runtime) => ({ ...runtime, rules: rulesOf(now) }))
    meanwhile(played, 200, () => (now = after))
    fires(played, 300, 'mail')
    return played
  }
  const calls = (played: World) => ['#ops', '#data', '#pay'].flatMap((channel) => callsIn(played, channel))

  test('in which a team has another id calls nobody', async () => {
    const { data, ...teams } = INPUT.teams
    const services = { ...INPUT.services, db: { title: 'Ledger database', team: 'storage' } }
    const played = changing(config, checkConfig({ ...INPUT, services, teams: { ...teams, storage: data } }))
    fires(played, 1, 'db')
    click(played, 30, 'acknowledge')
    await until(played, 500)
    expect(calls(played)).toEqual([])
  })

  test('that is the first with teams calls nobody to what is open', async () => {
    const played = changing(unowned, config)
    fires(played, 1, 'db')
    click(played, 30, 'acknowledge')
    await until(played, 900)
    expect(calls(played)).toEqual([])
    expect(where(played)).toContainEqual(['#data', 'INC-0001'])
  })

  test('in which a team has another channel: the old line does not deny what it showed', async () => {
    const data = { ...INPUT.teams.data, channel: '#data-2' }
    const played = changing(config, checkConfig({ ...INPUT, teams: { ...INPUT.teams, data } }))
    fires(played, 1, 'api')
    fires(played, 10, 'db')
    await until(played, 500)
    expect(wordsIn(played, '#data')).not.toContain('None of your services')
  })
})

describe('an incident whose item cannot be read', () => {
  const damaged = (): World => {
    const played = night((runtime) => ({ ...runtime, table: { ...runtime.table } }))
    fires(played, 1, 'db')
    for (const seconds of [100, 150, 200]) fires(played, seconds, `other-${seconds}`)
    spoils(played, 300, 'INCIDENT')
    fires(played, 310, 'api')
    return played
  }

  test('is still its team’s, and escalates to them', async () => {
    const played = damaged()
    await until(played, 1000)
    expect((await tellStory(played, [])).incidents[0]).toMatchObject({ team: 'data' })
    expect(callsIn(played, '#data').map(postedAt)).toContainEqual(expect.closeTo(601, -1))
  })
})

describe('whoever may decide on a runbook may stop them all', () => {
  const groups = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`t${n}`, { channel: `#t${n}`, approvers: [`S0TEAM${n}`] }]),
  )
  const stopping = async (approvers: string[], isIn: Runtime['people']['isIn'], user = 'U0PAUL') => {
    const teams = { ...groups, pay: { channel: '#pay', approvers: ['U0PAUL'] } }
    const by = checkConfig({ slack: { channel: '#ops', approvers }, services: { api: { team: 'pay' } }, teams })
    const asked: string[] = []
    const played = world(by, at(0), (runtime) => ({
      ...runtime,
      people: {
        isIn: (group, who) => (asked.push(group), isIn(group, who)),
        isFullMember: async (who) => who !== 'U0GUEST',
      },
    }))
    fires(played, 1, 'api')
    let status = 0
    played.clock.at(at(10), async () => {
      status = await played.click({ do: 'stop-all', incident: 'INC-0001' }, { id: user, name: user })
    })
    await until(played, 60)
    const isStopped = [...played.table.items()].some(({ body: text }) => text.includes('stopped all runbooks'))
    return { isStopped, asked: asked.length, status }
  }
  const no = async () => false
  const broken = async () => Promise.reject(new Error('ratelimited'))

  test.each<[string, Parameters<typeof stopping>, object]>([
    ['who is named, without asking for any group', [['S0LEADS'], broken], { isStopped: true, asked: 0, status: 200 }],
    ['every full member, if nobody is named', [[], no, 'U0ANY'], { isStopped: true, asked: 0 }],
    ['not a guest', [[], no, 'U0GUEST'], { isStopped: false, status: 200 }],
    ['a guest of a group that is named', [[], async () => true, 'U0GUEST'], { isStopped: true }],
    [
      'a member of one group, although another cannot be asked for',
      [['S0LEADS'], (group) => (group === 'S0TEAM7' ? Promise.resolve(true) : broken()), 'U0ANY'],
      { isStopped: true, status: 200 },
    ],
    ['not a stranger', [['S0LEADS'], no, 'U0ANY'], { isStopped: false, asked: 21, status: 200 }],
    [
      'anybody, while Slack does not say who they are: it only stops',
      [['S0LEADS'], broken, 'U0ANY'],
      { isStopped: true, status: 200 },
    ],
  ])('%s', async (_, given, expected) => {
    expect(await stopping(...given)).toMatchObject(expected)
  })
})

test('what nobody owns is not called the own of a team in the common channel', async () => {
  const by = checkConfig({ ...INPUT, teams: { ...INPUT.teams, mail: { ...INPUT.teams.mail, channel: '#ops' } } })
  const played = world(by, at(0))
  fires(played, 1, 'db')
  fires(played, 10, 'news')
  brings(played, 20, body({ name: 'mail/latency', service: 'mail', at: 20 }))
  await until(played, 200)
  expect(wordsIn(played, '#ops')).toContain('Of your services: Mail')
  expect(posts(played)).toHaveLength(2)
})
