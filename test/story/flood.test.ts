// From the sixteenth incident that is raised in a channel within a minute: one digest, which stays true.
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import { isDigest as isDigestTag } from '../../lambda/core/notify/notices.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { tellStory, type Story } from '../../replay/replay.ts'
import type { Shown } from '../../replay/memory.ts'
import { world, type World } from '../../replay/world.ts'
import { at, body } from '../support/alarms.ts'
import { archived, inChannel, LOST, only } from '../support/teams.ts'
import {
  answering,
  click,
  configIn,
  fires,
  incidentOf,
  openWork,
  posting,
  posts,
  recovers,
  replies,
  spoils,
  until,
} from '../support/told.ts'

const CHANNEL = '#alerts'
const night = (config: Config = configIn(CHANNEL), process?: (runtime: Runtime) => Runtime): World =>
  world(config, at(0), process)

/** So many services that nothing ties together: `s0`, `s1`, … */
const untied = <T extends object>(count: number, of: (place: number) => T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`s${place}`, of(place)]))

/** So many services fire, one a second from `from` on: `s0`, `s1`, … */
function flood(played: World, count: number, { from = 1, apart = 1, first = 0 } = {}): void {
  for (let place = 0; place < count; place++) fires(played, from + place * apart, `s${first + place}`)
}

const worse = body({ name: 's17/errors', service: 's17', metric: 'Errors', at: 100 })

const isDigest = ({ tag }: Shown): boolean => isDigestTag(tag)
const digestsOf = (played: World): Shown[] => posts(played).filter(isDigest)
const digestOf = (played: World): Shown => only(digestsOf(played))
const alone = (played: World): string[] =>
  posts(played)
    .filter((post) => !isDigest(post))
    .map(incidentOf)
const idOf = (number: number): string => `INC-${String(number).padStart(4, '0')}`
const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, place) => idOf(from + place))

type Words = {
  text?: { text: string }
  elements?: { text: string }[]
  block_id?: string
  accessory?: { action_id: string }
}
const blocksOf = ({ blocks }: Shown): Words[] => blocks as Words[]
const linesOf = (shown: Shown): string[] => blocksOf(shown).flatMap(({ block_id: id }) => id?.split(':')[1] ?? [])
const headOf = (shown: Shown): string | undefined => blocksOf(shown)[0]?.text?.text
const countsOf = (shown: Shown): string | undefined =>
  blocksOf(shown)[1]?.elements?.[0]?.text.replace(/<!date[^>]*>/, 'then')
const storyOf = (played: World): Promise<Story> => tellStory(played, [])
const said = async (played: World, id: string): Promise<string[]> =>
  (await storyOf(played)).incidents.find((one) => one.id === id)!.timeline.map(({ text }) => text)

describe('from the sixteenth incident within a minute', () => {
  test.each([
    ['fifteen are fifteen messages', 15, 1, ids(1, 15), 0],
    ['sixteen are fifteen messages and a digest', 16, 1, ids(1, 15), 1],
    ['thirty are no more messages than that', 30, 1, ids(1, 15), 1],
    ['the sixteenth may come a minute after the first', 16, 4, ids(1, 15), 1],
    ['but no later', 16, 5, ids(1, 16), 0],
  ])('%s', async (_, count, apart, expected, digests) => {
    const played = night()
    flood(played, count, { apart })
    await until(played, 200)
    expect(alone(played)).toEqual(expected)
    expect(digestsOf(played)).toHaveLength(digests)
  })

  test('the digest has the worst ten, each with a button, and counts the others', async () => {
    const played = night()
    flood(played, 30)
    await until(played, 200)
    const digest = digestOf(played)
    expect([headOf(digest), countsOf(digest)]).toEqual(['🟡 15 more incidents are open', 'since then'])
    expect(linesOf(digest)).toEqual(ids(16, 25))
    expect(blocksOf(digest).flatMap(({ accessory }) => accessory?.action_id ?? [])).toEqual(Array(10).fill('open'))
    expect(JSON.stringify(digest.blocks)).toContain('and 5 more, no worse than these')
  })

  test('in a replay it is a post of its channel, and an incident that is in it has none', async () => {
    const played = night()
    flood(played, 20)
    await until(played, 200)
    const { posts: count, perChannel, perIncident } = (await storyOf(played)).slack
    expect([count, perChannel[CHANNEL]?.posts]).toEqual([16, 16])
    expect(ids(1, 20).map((id) => perIncident[id]?.posts)).toEqual(ids(1, 20).map((_, place) => Number(place < 15)))
    expect(await said(played, 'INC-0016')).toContain(
      'Told in a digest: more than 15 incidents were raised here within a minute',
    )
  })

  test('what is worse comes first, whenever it came', async () => {
    const severity = [{ when: { name: 's29/latency' }, is: 'major' as const }]
    const played = night(checkConfig({ ...configIn(CHANNEL), severity }))
    flood(played, 30)
    await until(played, 200)
    expect(linesOf(digestOf(played))).toEqual(['INC-0030', ...ids(16, 24)])
    expect(headOf(digestOf(played))).toBe('🟠 15 more incidents are open')
  })

  test('each channel counts for itself', async () => {
    const services = untied(30, (place) => ({ team: place % 2 ? 'odd' : 'even' }))
    const teams = { odd: { channel: '#odd' }, even: { channel: '#even' } }
    const played = night(checkConfig({ slack: { channel: CHANNEL }, services, teams }))
    flood(played, 30)
    await until(played, 200)
    expect([digestsOf(played).length, alone(played).length]).toEqual([0, 30])
  })
})

describe('it stays true', () => {
  test('while incidents come and go, until all are over', async () => {
    const played = night()
    flood(played, 20)
    for (let place = 15; place < 18; place++) recovers(played, 100, `s${place}`)
    await until(played, 500)
    expect(countsOf(digestOf(played))).toBe('since then · 5 in all: 2 open and 3 over')
    expect(linesOf(digestOf(played))).toEqual(['INC-0019', 'INC-0020'])
    for (let place = 0; place < 20; place++) recovers(played, 600, `s${place}`)
    await played.clock.run()
    expect([headOf(digestOf(played)), countsOf(digestOf(played)), linesOf(digestOf(played))]).toEqual([
      '✅ 5 more incidents are over',
      'since then · 5 in all: 0 open and 5 over',
      [],
    ])
    expect(openWork(played).filter((of) => of.startsWith('INC-'))).toEqual([])
  })

  test('one that fires again after it resolved is there again', async () => {
    const played = night()
    flood(played, 17)
    recovers(played, 100, 's15')
    fires(played, 600, 's15')
    await until(played, 700)
    expect(linesOf(digestOf(played))).toEqual(['INC-0016', 'INC-0017'])
    expect(alone(played)).toEqual(ids(1, 15))
  })

  test.each([
    ['soon after belongs to it', 300, 1],
    ['later has a digest of its own', 900, 2],
  ])('a flood that comes %s', async (_, from, digests) => {
    const services = untied(40, () => ({}))
    const played = night(checkConfig({ slack: { channel: CHANNEL }, services }))
    flood(played, 18)
    flood(played, 18, { from, first: 20 })
    await until(played, from + 100)
    expect(digestsOf(played)).toHaveLength(digests)
    expect(alone(played)).toHaveLength(30)
  })
})

describe('a message of its own', () => {
  test('has a critical one from the start', async () => {
    const severity = [{ when: { name: 's2?/latency' }, is: 'critical' as const }]
    const played = night(checkConfig({ ...configIn(CHANNEL), severity }))
    flood(played, 22)
    await until(played, 200)
    expect(alone(played).sort()).toEqual([...ids(1, 15), 'INC-0021', 'INC-0022'])
    expect(linesOf(digestOf(played))).toEqual(ids(16, 20))
  })

  test('has one that turns critical, once', async () => {
    const severity = [{ when: { name: 's17/errors' }, is: 'critical' as const }]
    const played = night(checkConfig({ ...configIn(CHANNEL), severity }))
    flood(played, 20)
    played.clock.at(at(100), async () => void (await played.deliver([{ id: 'worse', body: worse }])))
    await until(played, 200)
    expect(alone(played)).toEqual([...ids(1, 15), 'INC-0018'])
    expect(countsOf(digestOf(played))).toBe('since then · 5 in all: 4 open and 1 with a message of its own')
    expect(await said(played, 'INC-0018')).toContain('Has a message of its own now: it is critical')
  })

  test('has what somebody opens, once; whoever is second is told', async () => {
    const played = night()
    flood(played, 20)
    click(played, 100, 'open', 'INC-0018')
    click(played, 101, 'open', 'INC-0018')
    await until(played, 200)
    expect(alone(played)).toEqual([...ids(1, 15), 'INC-0018'])
    expect(linesOf(digestOf(played))).toEqual(['INC-0016', 'INC-0017', 'INC-0019', 'INC-0020'])
    expect(played.dialogs.whispers).toEqual(['INC-0018 has a message of its own already.'])
    expect(await said(played, 'INC-0018')).toContain('Has a message of its own now: ana acts on it')
  })

  test.each(['acknowledge', 'snooze', 'resolve'] as const)('has what somebody acts on: %s', async (action) => {
    const played = night()
    flood(played, 20)
    click(played, 100, action, 'INC-0018', action === 'snooze' ? '1h' : undefined)
    await until(played, 200)
    expect(alone(played)).toEqual([...ids(1, 15), 'INC-0018'])
  })

  test('has every one of them in the end: the digest says so', async () => {
    const played = night()
    flood(played, 17)
    click(played, 100, 'open', 'INC-0016')
    click(played, 101, 'open', 'INC-0017')
    await until(played, 200)
    expect([headOf(digestOf(played)), linesOf(digestOf(played))]).toEqual([
      '↪️ 2 more incidents, with messages of their own',
      [],
    ])
  })

  test('has what two teams see from the start, and no digest is posted for nothing', async () => {
    const pairs = Array.from({ length: 18 }, (_, place) => [
      [`s${place}`, { team: 'us', dependsOn: [`t${place}`] }],
      [`t${place}`, { team: 'them' }],
    ]).flat() as [string, object][]
    const config = checkConfig({
      slack: { channel: CHANNEL },
      services: Object.fromEntries(pairs),
      teams: { them: { channel: '#them' }, us: { channel: '#us' } },
      correlation: { holdSeconds: 30 },
    })
    const played = night(config)
    for (let place = 0; place < 18; place++) {
      fires(played, 1 + place, `s${place}`)
      fires(played, 1.5 + place, `t${place}`)
    }
    await until(played, 400)
    expect(digestsOf(played)).toEqual([])
  })

  test('has not what is over, which Open says', async () => {
    const played = night()
    flood(played, 17)
    recovers(played, 100, 's16')
    click(played, 500, 'open', 'INC-0017')
    await until(played, 600)
    expect(alone(played)).toEqual(ids(1, 15))
    expect(played.dialogs.whispers).toEqual([expect.stringMatching(/^INC-0017 resolved by itself at /)])
  })
})

describe('nobody is called for each of them', () => {
  const escalation = [
    { afterSeconds: 120, notify: ['U0LEAD'] },
    { afterSeconds: 300, notify: ['U0LEAD', 'S0OPS'] },
  ]
  const calling = checkConfig({ ...configIn(CHANNEL), escalation })
  const callsOf = (played: World): Shown[] => {
    const { channel, ts } = digestOf(played)
    return replies(played).filter((one) => one.channel === channel && one.threadTs === ts)
  }

  test('but once for all, at each step, in the digest’s thread and in the channel', async () => {
    const played = night(calling)
    flood(played, 20)
    await until(played, 250)
    expect(callsOf(played).map(({ mentions }) => mentions)).toEqual([['U0LEAD']])
    expect(only(callsOf(played)).text.replace(/<!date[^>]*>/, 'then')).toBe(
      '<@U0LEAD>\nthen Nobody has acknowledged the 5 incidents of this digest for 2 min. *Open* gives one a message of its own, with its buttons.',
    )
    expect(only(callsOf(played)).isInChannel).toBe(true)
    await until(played, 500)
    expect(callsOf(played).map(({ mentions }) => mentions)).toEqual([['U0LEAD'], ['U0LEAD', 'S0OPS']])
    const { mentions } = (await storyOf(played)).slack
    expect(mentions.filter(({ incident }) => incident === null).map(({ who }) => who)).toEqual([
      'U0LEAD',
      'U0LEAD',
      'S0OPS',
    ])
  })

  test('again when the flood comes back', async () => {
    const played = night(calling)
    flood(played, 20)
    for (let place = 0; place < 20; place++) recovers(played, 200, `s${place}`)
    flood(played, 20, { from: 2400 })
    await until(played, 2580)
    expect(digestsOf(played)).toHaveLength(1)
    expect(callsOf(played).map(({ mentions }) => mentions)).toEqual([['U0LEAD'], ['U0LEAD', 'S0OPS'], ['U0LEAD']])
  })

  test('not at all, if all of it is over by then', async () => {
    const played = night(calling, (runtime) =>
      posting((_, __, tag) =>
        tag.startsWith('digest@') && tag.includes('/') && played.clock.now() < at(600)
          ? { is: 'retry', afterSeconds: 20 }
          : undefined,
      )(runtime),
    )
    flood(played, 17)
    for (let place = 15; place < 17; place++) recovers(played, 130, `s${place}`)
    await until(played, 900)
    expect(callsOf(played)).toEqual([])
  })

  test('one that is opened afterwards does not call them again', async () => {
    const played = night(calling)
    flood(played, 20)
    click(played, 200, 'open', 'INC-0018')
    await until(played, 290)
    const own = only(posts(played).filter((post) => incidentOf(post) === 'INC-0018'))
    expect(replies(played).filter(({ threadTs }) => threadTs === own.ts)).toEqual([])
  })

  test('one that was opened in time calls in its own thread', async () => {
    const played = night(calling)
    flood(played, 20)
    click(played, 60, 'open', 'INC-0018')
    await until(played, 200)
    const own = only(posts(played).filter((post) => incidentOf(post) === 'INC-0018'))
    expect(
      replies(played)
        .filter(({ threadTs }) => threadTs === own.ts)
        .map(({ mentions }) => mentions),
    ).toEqual([['U0LEAD']])
  })
})

describe('whatever happens, everything is told somewhere', () => {
  test('the answer to the digest is lost: it is found again', async () => {
    let lost = 0
    const played = night(configIn(CHANNEL), (runtime) =>
      answering({
        post(where, message, tag) {
          if (!isDigestTag(tag) || lost++ > 0) return undefined
          return runtime.chat.post(where, message, tag).then(() => LOST)
        },
      })(runtime),
    )
    flood(played, 20)
    await until(played, 200)
    expect(linesOf(digestOf(played))).toEqual(ids(16, 20))
  })

  test('somebody deletes the digest: it is posted again', async () => {
    const played = night()
    flood(played, 20)
    played.clock.at(at(100), async () => {
      const [ref] = [...played.chat.messages].find(([, shown]) => isDigest(shown))!
      played.chat.messages.delete(ref)
    })
    recovers(played, 120, 's15')
    await until(played, 600)
    expect(linesOf(digestOf(played))).toEqual(ids(17, 20))
  })

  test('Slack refuses the digest: the others are told, and it is told as soon as it may be', async () => {
    const played = night(
      configIn(CHANNEL),
      posting((_, __, tag) =>
        isDigestTag(tag) && played.clock.now() < at(100)
          ? { is: 'refused', by: 'message', reason: 'invalid_blocks' }
          : undefined,
      ),
    )
    flood(played, 20)
    await until(played, 300)
    expect(alone(played)).toEqual(ids(1, 15))
    expect(linesOf(digestOf(played))).toEqual(ids(16, 20))
  })

  test('its channel refuses everything: the common channel has a digest instead', async () => {
    const services = untied(20, () => ({ team: 'shop' }))
    const by = checkConfig({ slack: { channel: '#ops' }, services, teams: { shop: { channel: '#shop' } } })
    const played = archived(0, Infinity, { channel: '#shop', by })
    flood(played, 20)
    await until(played, 600)
    expect(
      inChannel(played, '#ops')
        .filter((post) => !isDigest(post))
        .map(incidentOf),
    ).toEqual(ids(1, 15))
    expect(linesOf(only(inChannel(played, '#ops').filter(isDigest)))).toEqual(ids(16, 20))
    expect(inChannel(played, '#shop')).toEqual([])
  })

  test('nor was anybody called there: they are called where it is told instead', async () => {
    const services = untied(20, () => ({ team: 'shop' }))
    const teams = { shop: { channel: '#shop', escalation: [{ afterSeconds: 120, notify: ['U0LEAD'] }] } }
    const by = checkConfig({ slack: { channel: '#ops' }, services, teams })
    const played = archived(0, Infinity, { channel: '#shop', by })
    flood(played, 20)
    await until(played, 700)
    const { ts } = only(inChannel(played, '#ops').filter(isDigest))
    const calls = replies(played).filter(({ threadTs }) => threadTs === ts)
    expect(calls.map(({ mentions }) => mentions)).toEqual([['U0LEAD']])
  })

  test('the index cannot be read any more: each has a message', async () => {
    const played = night()
    flood(played, 20)
    spoils(played, 100, 'INDEX')
    fires(played, 110, 's25')
    await until(played, 300)
    expect(
      alone(played)
        .filter((of) => of.startsWith('INC-'))
        .sort(),
    ).toEqual(ids(1, 21))
  })

  test('one that another team’s service joins has a message, and their line links to it', async () => {
    const services = untied(20, () => ({}))
    const config = checkConfig({
      slack: { channel: CHANNEL },
      services: { ...services, theirs: { team: 'them', dependsOn: ['s17'] } },
      teams: { them: { channel: '#them' } },
    })
    const played = night(config)
    flood(played, 20)
    fires(played, 60, 'theirs')
    await until(played, 200)
    expect(alone(played)).toEqual([...ids(1, 15), 'INC-0018', 'INC-0018'])
    expect(linesOf(digestOf(played))).toEqual(['INC-0016', 'INC-0017', 'INC-0019', 'INC-0020'])
  })

  test.each([
    ['two that are in it', ['s16', 's17'], ids(1, 15), ['INC-0017', 'INC-0016', 'INC-0019', 'INC-0020']],
    ['the elder has a message', ['s3', 's17'], ids(1, 15), ['INC-0016', 'INC-0017', 'INC-0019', 'INC-0020']],
  ])('when they turn out to be one: %s', async (_, dependsOn, expected, lines) => {
    const services = untied(20, () => ({}))
    const played = night(checkConfig({ slack: { channel: CHANNEL }, services: { ...services, bridge: { dependsOn } } }))
    flood(played, 20)
    fires(played, 60, 'bridge')
    await until(played, 200)
    expect(alone(played)).toEqual(expected)
    expect(linesOf(digestOf(played))).toEqual(lines)
  })
})
