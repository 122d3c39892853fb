// Teams with channels of their own: where an incident lives, what the others see of it, and who is called.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import userConfig from '../../tocsin.config.ts'
import { checkConfig } from '../../lambda/config.ts'
import { rulesOf } from '../../lambda/core/services/rules.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { replay, tellStory } from '../../replay/replay.ts'
import { world, type World } from '../../replay/world.ts'
import { at, body } from '../support/alarms.ts'
import {
  answering,
  brings,
  click,
  fires,
  incidentOf,
  openWork,
  postedAt,
  posting,
  posts,
  recovers,
  replies,
  until,
} from '../support/told.ts'
import {
  callsIn,
  config,
  GONE,
  inChannel,
  INPUT,
  LOST,
  meanwhile,
  moving,
  night,
  only,
  unowned,
  where,
  wordsIn,
  wordsOf,
} from '../support/teams.ts'

describe('an incident lives', () => {
  test.each([
    ['in the channel of the team that owns its cause', 'db', '#data'],
    ['in the common channel if nobody owns it', 'news', '#ops'],
  ])('%s', async (_, service, channel) => {
    const played = night()
    fires(played, 1, service)
    await until(played, 60)
    expect(where(played)).toEqual([[channel, 'INC-0001']])
  })

  test('where the cause was when people first heard of it, not when it opened', async () => {
    const held = checkConfig({ ...INPUT, correlation: { holdSeconds: 60 } })
    const played = world(held, at(0))
    fires(played, 1, 'api')
    fires(played, 10, 'db')
    await until(played, 100)
    expect(where(played)[0]).toEqual(['#data', 'INC-0001'])
  })

  test('where it lived, whoever joins and whatever the cause is then', async () => {
    const played = moving()
    await until(played, 1000)
    expect(where(played)).toEqual([
      ['#pay', 'INC-0001'],
      ['#data', 'INC-0001'],
    ])
    expect((await tellStory(played, [])).incidents[0]).toMatchObject({
      team: 'pay',
      causes: [{ service: 'db' }, { service: 'api' }],
    })
  })

  test('in one message, if two teams share the channel', async () => {
    const played = night()
    fires(played, 1, 'api')
    fires(played, 10, 'shop')
    await until(played, 60)
    expect(where(played)).toEqual([['#pay', 'INC-0001']])
  })
})

describe('another team whose service joins', () => {
  test('has one line: it says what of theirs it is, links to the home, and stays true', async () => {
    const played = night()
    fires(played, 1, 'db')
    fires(played, 10, 'api')
    meanwhile(played, 60, () => {
      const home = only(inChannel(played, '#data'))
      const line = only(inChannel(played, '#pay'))
      expect(wordsOf(line)).toContain('Of your services: Pay API')
      expect(wordsOf(line)).toContain(`/p${home.ts.replace('.', '')}|INC-0001> is in #data`)
      expect(line.blocks.map(({ type }) => type)).toEqual(['section'])
    })
    fires(played, 70, 'app')
    click(played, 80, 'acknowledge')
    meanwhile(played, 200, () => {
      expect(wordsIn(played, '#pay')).toContain('Of your services: Pay API and Pay app')
      expect(wordsIn(played, '#pay')).toContain('acknowledged by ana')
    })
    for (const service of ['db', 'api', 'app']) recovers(played, 210, service)
    await played.clock.run()
    expect(wordsIn(played, '#pay')).toContain('✅ *Ledger database: slow*\\n*major* · resolved')
    expect(replies(played).filter(({ channel }) => channel === '#pay')).toEqual([])
    expect(openWork(played)).toEqual([])
  })

  test('is not told of changes that its line does not show', async () => {
    const played = night()
    fires(played, 1, 'db')
    fires(played, 10, 'api')
    let edits = 0
    meanwhile(played, 60, () => (edits = only(inChannel(played, '#pay')).edits.length))
    for (let n = 0; n < 10; n++) brings(played, 70 + 5 * n, body({ name: `db/${n}`, service: 'db', at: 70 + 5 * n }))
    await until(played, 130)
    expect(only(inChannel(played, '#pay')).edits).toHaveLength(edits)
    expect(only(inChannel(played, '#data')).edits.length).toBeGreaterThan(5)
  })

  test('hears of the incident although its home refuses messages, and gets the link when there is one', async () => {
    const played = night(
      posting((to) => ('channel' in to && to.channel === '#data' && played.clock.now() < at(100) ? GONE : undefined)),
    )
    fires(played, 1, 'db')
    fires(played, 10, 'api')
    meanwhile(played, 60, () => {
      expect(where(played)).toEqual([['#pay', 'INC-0001']])
      expect(wordsIn(played, '#pay')).toContain('*INC-0001* is in #data')
    })
    await until(played, 200)
    const home = only(inChannel(played, '#data'))
    expect(wordsIn(played, '#pay')).toContain(`/p${home.ts.replace('.', '')}|INC-0001> is in #data`)
  })

  test('is told of the end with the link, however late', async () => {
    const played: World = night((runtime) =>
      answering({
        update(ref) {
          const isGone = played.clock.now() > at(200) && played.clock.now() < at(7000)
          return isGone && ref.startsWith('#pay') ? Promise.resolve(LOST) : undefined
        },
      })(runtime),
    )
    fires(played, 1, 'db')
    fires(played, 10, 'api')
    for (const service of ['db', 'api']) recovers(played, 300, service)
    await until(played, 7200)
    expect(wordsIn(played, '#pay')).toMatch(/· resolved.*\|INC-0001> is in #data/)
  })

  test('sees what is true although nobody knows what became of an edit', async () => {
    let isGone = false
    const played: World = night((runtime) =>
      answering({
        async update(ref, message) {
          const sent = isGone ? LOST : await runtime.chat.update(ref, message)
          if (isGone || !ref.startsWith('#pay') || !message.text.includes('acknowledged')) return sent
          // It took effect, and then Slack is gone until nothing is as that edit says.
          isGone = true
          return LOST
        },
      })(runtime),
    )
    fires(played, 1, 'db')
    fires(played, 10, 'api')
    click(played, 60, 'acknowledge')
    click(played, 70, 'unacknowledge')
    meanwhile(played, 90, () => {
      expect(wordsIn(played, '#pay')).toContain('acknowledged by ana')
      isGone = false
    })
    await until(played, 200)
    expect(wordsIn(played, '#pay')).toContain('*major* · open')
  })
})

describe('a team whose service has become the cause', () => {
  const sharing = checkConfig({
    ...INPUT,
    teams: { ...INPUT.teams, data: { ...INPUT.teams.data, channel: '#pay' } },
  })

  test('is called after two minutes: its people, in its channel, with a button', async () => {
    const played = moving()
    meanwhile(played, 128, () => expect(callsIn(played, '#data')).toEqual([]))
    await until(played, 200)
    const [line, call] = [only(inChannel(played, '#data')), only(callsIn(played, '#data'))]
    expect(call).toMatchObject({ mentions: ['U0DORA'], isInChannel: true, threadTs: line.ts })
    expect(postedAt(call)).toBe(130)
    expect(wordsOf(call)).toContain('Ledger database has been the probable cause for 2 min')
    for (const message of [call, line]) {
      expect(wordsOf(message)).toContain('INC-0001> is in #pay')
      expect(wordsOf(message)).toContain('"action_id":"acknowledge"')
    }
    expect(wordsOf(line)).toContain('Probable cause: your Ledger database')
    expect(callsIn(played, '#pay')).toEqual([])
    expect(
      replies(played)
        .map(({ text }) => text)
        .join(),
    ).toContain('telling @U0DORA of Data')
  })

  test('sees on its line that somebody is on it', async () => {
    const played = moving()
    click(played, 150, 'acknowledge')
    await until(played, 200)
    expect(wordsIn(played, '#data')).toContain('acknowledged by ana')
    expect(wordsIn(played, '#data')).not.toContain('"action_id":"acknowledge"')
  })

  test('is called once, also while somebody else is on it', async () => {
    const played = moving()
    click(played, 60, 'acknowledge')
    fires(played, 300, 'app')
    fires(played, 400, 'shop')
    await until(played, 3000)
    expect(callsIn(played, '#data')).toHaveLength(1)
  })

  test.each<[string, (played: World) => void]>([
    ['the cause moves back before', (played) => click(played, 60, 'unrelated', 'INC-0001', 'db')],
    ['everything recovers before', (played) => ['api', 'db'].forEach((one) => recovers(played, 60, one))],
    ['it is snoozed', (played) => click(played, 60, 'snooze', 'INC-0001', '4h')],
  ])('is not called if %s', async (_, happens) => {
    const played = moving()
    happens(played)
    await until(played, 300)
    expect(callsIn(played, '#data')).toEqual([])
  })

  test('is called in the thread at home, if its channel is that of the home', async () => {
    const played = world(sharing, at(0))
    fires(played, 1, 'api')
    fires(played, 10, 'db')
    await until(played, 200)
    expect(where(played)).toEqual([['#pay', 'INC-0001']])
    expect(only(callsIn(played, '#pay'))).toMatchObject({ mentions: ['U0DORA'], isInChannel: true })
  })

  test('is called there also if nothing could be told before', async () => {
    const played: World = world(sharing, at(0), (runtime) =>
      posting(() => (played.clock.now() < at(140) ? LOST : undefined))(runtime),
    )
    fires(played, 1, 'api')
    fires(played, 10, 'db')
    await until(played, 300)
    expect(only(callsIn(played, '#pay')).mentions).toEqual(['U0DORA'])
  })

  test('is called again after it was reopened', async () => {
    const played = moving()
    for (const service of ['api', 'db']) recovers(played, 300, service)
    fires(played, 1000, 'db')
    await until(played, 1300)
    expect(callsIn(played, '#data').map(postedAt)).toEqual([130, 1120])
  })
})

describe('two incidents that become one', () => {
  /** The elder in #mail, the younger in #data; what ties them belongs to nobody. */
  const merging = (process?: (runtime: Runtime) => Runtime): World => {
    const played = night(process)
    fires(played, 1, 'mail')
    fires(played, 20, 'db')
    fires(played, 100, 'news')
    return played
  }

  test("live where the elder does; the younger's message becomes that team's line", async () => {
    const played = merging()
    await until(played, 300)
    expect(where(played)).toEqual([
      ['#mail', 'INC-0001'],
      ['#data', 'INC-0002'],
    ])
    expect(wordsIn(played, '#data')).toContain('INC-0001> is in #mail')
    expect(wordsIn(played, '#data')).toContain('Of your services: Ledger database')
    expect(only(replies(played).filter(({ channel }) => channel === '#data')).text).toContain('Merged into INC-0001')
    expect((await tellStory(played, [])).incidents).toMatchObject([{ id: 'INC-0001', team: 'mail' }])
  })

  test('and it never says that it goes on elsewhere', async () => {
    const texts: string[] = []
    const played = merging((runtime) =>
      answering({
        update(_ref, { text }) {
          texts.push(text)
          return undefined
        },
      })(runtime),
    )
    await until(played, 300)
    expect(texts.length).toBeGreaterThan(0)
    expect(texts.filter((text) => text.includes('is part of'))).toEqual([])
  })

  test('and stay true there', async () => {
    const played = merging()
    for (const service of ['mail', 'db', 'news']) recovers(played, 400, service)
    await played.clock.run()
    expect(wordsIn(played, '#data')).toContain('resolved')
    expect(posts(played)).toHaveLength(2)
    // The younger leaves with whoever comes next.
    expect(openWork(played)).toEqual(['INC-0002'])
  })
})

test('a service that is taken out becomes an incident with a home of its own', async () => {
  const played = night()
  fires(played, 1, 'db')
  fires(played, 10, 'api')
  click(played, 60, 'unrelated', 'INC-0001', 'api')
  await until(played, 120)
  expect(where(played)).toEqual([
    ['#data', 'INC-0001'],
    ['#pay', 'INC-0001'],
    ['#pay', 'INC-0002'],
  ])
  expect(wordsOf(inChannel(played, '#pay')[0]!)).toContain('None of your services is part of it')
  expect((await tellStory(played, [])).incidents.map(({ team }) => team)).toEqual(['data', 'pay'])
})

test.each<[string, (played: World) => void]>([
  ['an alarm that fires again', (played) => fires(played, 1000, 'db')],
  ['a person', (played) => click(played, 1000, 'reopen')],
])('what is reopened by %s stays in the same places', async (_, happens) => {
  const played = night()
  fires(played, 1, 'db')
  fires(played, 10, 'api')
  for (const service of ['db', 'api']) recovers(played, 60, service)
  meanwhile(played, 900, () => expect(wordsIn(played, '#pay')).toContain('resolved'))
  happens(played)
  await until(played, 1100)
  expect(where(played)).toEqual([
    ['#data', 'INC-0001'],
    ['#pay', 'INC-0001'],
  ])
  expect(wordsIn(played, '#pay')).toContain('*major* · open')
})

describe('a config without the team any more', () => {
  test('leaves what is open where it is; it belongs to no team then', async () => {
    let now = config
    const played = night((runtime) => ({ ...runtime, rules: rulesOf(now) }))
    fires(played, 1, 'db')
    fires(played, 10, 'api')
    const { data: _, ...teams } = INPUT.teams
    const services = { ...INPUT.services, db: { title: 'Ledger database' } }
    meanwhile(played, 60, () => (now = checkConfig({ ...INPUT, teams, services })))
    for (const service of ['db', 'api']) recovers(played, 100, service)
    await until(played, 1000)
    expect(where(played)).toEqual([
      ['#data', 'INC-0001'],
      ['#pay', 'INC-0001'],
    ])
    for (const channel of ['#data', '#pay']) expect(wordsIn(played, channel)).toContain('resolved')
    const after = { ...played, runtime: { ...played.runtime, rules: rulesOf(now) } }
    expect((await tellStory(after, [])).incidents[0]).toMatchObject({ team: null })
  })
})

test('a team that is new in the config has its line of what is open, and of nothing else', async () => {
  let now = unowned
  const played = night((runtime) => ({ ...runtime, rules: rulesOf(now) }))
  fires(played, 1, 'mail')
  recovers(played, 60, 'mail')
  fires(played, 600, 'api')
  meanwhile(played, 700, () => {
    expect(where(played).map(([channel]) => channel)).toEqual(['#ops', '#ops'])
    now = config
  })
  brings(played, 710, body({ name: 'api/again', service: 'api', at: 710 }))
  await until(played, 900)
  expect(where(played)).toEqual([
    ['#ops', 'INC-0001'],
    ['#ops', 'INC-0002'],
    ['#pay', 'INC-0002'],
  ])
})

test('a test alarm is told where its team is, marked, joins nothing, and calls nobody', async () => {
  const services = { ...INPUT.services, api: { ...INPUT.services.api, alarms: [{ name: '*' }] } }
  const steps = [{ afterSeconds: 60, notify: ['U0ALL'] }]
  const played = world(checkConfig({ ...INPUT, services, escalation: steps }), at(0))
  fires(played, 1, 'api')
  brings(played, 10, body({ name: 'tocsin-test/1/team/mail', at: 10 }))
  brings(played, 20, body({ name: 'tocsin-test/2/call/team/mail', at: 20 }))
  await until(played, 300)
  expect(where(played)).toEqual([
    ['#pay', 'INC-0001'],
    ['#mail', 'INC-0002'],
    ['#mail', 'INC-0003'],
  ])
  expect(wordsOf(inChannel(played, '#mail')[0]!)).toContain('TEST for Mail: slow')
  const [call] = callsIn(played, '#mail')
  expect(call!.text).toContain('TEST: Nobody has acknowledged it for 60 s: telling @U0ALL')
  expect(callsIn(played, '#mail').map(incidentOf)).toEqual(['INC-0003'])
})

describe.each(['broker-queue-backlog', 'connection-timeout'])('the published incident %s', (name) => {
  const lines = readFileSync(new URL(`../../local/scenarios/${name}/events.jsonl`, import.meta.url), 'utf8')
  const messages = lines
    .trim()
    .split('\n')
    .map((text, place) => ({ line: place + 1, message: JSON.parse(text) as unknown }))

  test('has one message in the channel of each of its two teams', async () => {
    const { story, world: played } = await replay(checkConfig(userConfig), messages)
    const first = story.incidents[0]!
    expect(first).toMatchObject({ status: 'resolved', team: 'platform' })
    const perChannel = new Map(Object.entries(story.slack.perChannel))
    expect(perChannel.get('#platform')).toMatchObject({ posts: 1 })
    expect(perChannel.get('#studio')).toMatchObject({ posts: 1, threadReplies: 0 })
    expect(perChannel.get('#studio')!.updates).toBeLessThan(12)
    expect(story.slack.perIncident[first.id]).toMatchObject({ posts: 2 })
    expect(wordsIn(played, '#studio')).toContain(`${first.id}> is in #platform`)
    expect(wordsIn(played, '#studio')).toContain('· resolved')
    const others = [...perChannel.values()].reduce((sum, { posts: all }) => sum + all, 0)
    expect(others).toBe(story.slack.posts)
  })
})

test('a replay says who was called, when, and for what', async () => {
  const played = moving()
  await until(played, 700)
  expect((await tellStory(played, [])).slack.mentions).toEqual([
    { at: new Date(at(130)).toISOString(), who: 'U0DORA', incident: 'INC-0001' },
  ])
})
