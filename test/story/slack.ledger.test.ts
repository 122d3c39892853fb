// What was told is told once, and stays true: whatever is lost, deleted, refused or damaged on the way.
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import type { Trouble } from '../../lambda/ports/slack.ts'
import { readIndex } from '../../lambda/store/read-index.ts'
import { world, type World } from '../../replay/world.ts'
import { at, body } from '../support/alarms.ts'
import {
  BRIDGE,
  brings,
  chain,
  click,
  configIn,
  escalating,
  fires,
  HOUR,
  incidentOf,
  openWork,
  posting,
  posts,
  recovers,
  replies,
  secondsOf,
  send,
  spoils,
  texts,
  until,
} from '../support/told.ts'
import { troubled, type Fate } from '../support/troubled.ts'

const config = configIn('#a')
const resolved: unknown = expect.stringContaining('resolved')
const refusedBy = (by: 'channel' | 'message' | 'app', reason: string): Trouble => ({ is: 'refused', by, reason })

describe('once', () => {
  test('a post whose answer is lost and that nobody may look for: it is not posted again', async () => {
    const fates: Partial<Record<string, Fate[]>> = {
      post: ['done but lost'],
      find: [refusedBy('message', 'invalid_cursor'), refusedBy('app', 'missing_scope')],
    }
    const played: World = world(
      config,
      at(0),
      troubled((method) => fates[method]?.shift() ?? 'answered'),
    )
    fires(played, 0, 's0')
    await until(played, 600)
    expect(posts(played)).toHaveLength(1)
  })

  test('Slack asks to wait with a reply, the message is deleted, and the answer to the next post is lost', async () => {
    const fates: Fate[] = []
    const played: World = world(
      config,
      at(0),
      troubled((method) => (method === 'find' || secondsOf(played) < 100 ? undefined : fates.shift()) ?? 'answered'),
    )
    fires(played, 0, 's0')
    played.clock.at(at(90), () => {
      fates.push({ is: 'retry', afterSeconds: 3 }, 'answered', 'done but lost')
      played.chat.messages.clear()
    })
    send(played, 100, { name: 's0/errors', service: 's0', metric: 'Errors5xx' })
    click(played, 110, 'acknowledge')
    await until(played, 300)
    expect(posts(played)).toHaveLength(1)
  })

  test('an index that somebody deletes: the same messages go on', async () => {
    const played = world(config, at(0))
    fires(played, 0, 's0')
    played.clock.at(at(300), async () => {
      const key = { pk: 'INDEX', sk: 'INDEX' }
      await played.table.remove(key, (await played.table.get(key))!.rev)
      // One that was on its way.
      await played.runtime.notices.changed('#a')
    })
    fires(played, 310, 's1')
    await until(played, 900)
    expect(posts(played).map(incidentOf)).toEqual(['INC-0001', 'INC-0002'])
  })

  test('an index that cannot be read: an edit or two, not one after the other', async () => {
    const played = world(config, at(0))
    fires(played, 0, 's0')
    for (const [place, action] of (['acknowledge', 'unacknowledge', 'acknowledge', 'unacknowledge'] as const).entries())
      click(played, 100 + 10 * place, action)
    spoils(played, 300, 'INDEX')
    let before = 0
    played.clock.at(at(301), async () => {
      before = posts(played)[0]!.edits.length
      await played.runtime.notices.changed('#a')
    })
    await until(played, 900)
    expect(posts(played)[0]!.edits.length - before).toBeLessThan(3)
  })

  test('a tag says when the incident opened: after a restore, an id that is given again is another incident', async () => {
    const played = world(config, at(0))
    fires(played, 5, 's0')
    await until(played, 60)
    expect(posts(played).map(({ tag }) => tag)).toEqual([`INC-0001/${at(5)}`])
  })
})

describe('true', () => {
  const gone = (from: number, to: number, fate: Fate, by = config): World => {
    const played: World = world(
      by,
      at(0),
      troubled(() => (secondsOf(played) >= from && secondsOf(played) < to ? fate : 'answered')),
    )
    return played
  }

  test('a channel that refuses until the incident has left the index: it shows the end afterwards', async () => {
    const played = gone(60, 3 * HOUR, refusedBy('channel', 'not_in_channel'))
    fires(played, 0, 's0')
    recovers(played, 300, 's0')
    await until(played, 8 * HOUR)
    expect(texts(posts(played))).toEqual([resolved])
    expect(openWork(played)).toEqual([])
  })

  test('intake dies after the commit in which an incident resolves and leaves: its message shows the end', async () => {
    let isDead = false
    const played: World = world(config, at(0), (runtime) => ({
      ...runtime,
      notices: {
        async changed(place) {
          const dies = !isDead && secondsOf(played) >= 2 * HOUR
          if (dies) isDead = true
          if (dies) throw new Error('died')
          return runtime.notices.changed(place)
        },
      },
    }))
    fires(played, 0, 's0')
    // It recovered after five minutes; the message comes two hours late.
    brings(played, 2 * HOUR, body({ name: 's0/latency', service: 's0', state: 'OK', at: 300 }))
    await until(played, 5 * HOUR)
    expect(isDead).toBe(true)
    expect(texts(posts(played))).toEqual([resolved])
    expect(openWork(played)).toEqual([])
  })

  test('the last item of an incident lands in the moment in which it is looked for', async () => {
    let isEarly = false
    const played: World = world(config, at(0), (runtime) => {
      const fate = (): Fate => (secondsOf(played) >= 60 && secondsOf(played) < 3 * HOUR ? 'lost' : 'answered')
      const { table } = runtime
      const get: typeof table.get = async (key) => {
        const item = await table.get(key)
        if (!item || isEarly || key.sk !== 'INCIDENT' || !item.body.includes('"left"')) return item
        isEarly = true
        const {
          left: _,
          change: __,
          filed: ___,
          runs: ____,
          ...head
        } = JSON.parse(item.body) as Record<string, unknown>
        return { ...item, rev: item.rev - 1, body: JSON.stringify(head) }
      }
      return troubled(fate)({ ...runtime, table: { ...table, get } })
    })
    fires(played, 0, 's0')
    recovers(played, 300, 's0')
    await until(played, 8 * HOUR)
    expect(isEarly).toBe(true)
    expect(texts(posts(played))).toEqual([resolved])
  })

  test.each([5 * HOUR, 8 * 24 * HOUR])(
    'a click on an incident that left long ago, after %d s: its thread says it',
    async (when) => {
      const played = world(config, at(0))
      fires(played, 0, 's0')
      recovers(played, 300, 's0')
      click(played, when, 'stop-all')
      await until(played, 9 * 24 * HOUR)
      expect(texts(replies(played)).join()).toContain('stopped all runbooks')
      expect(openWork(played)).toEqual([])
    },
  )

  test('such a click, while the end of the incident is told', async () => {
    let isClicked = false
    const played: World = world(config, at(0), (runtime) => {
      const { chat } = runtime
      const update: typeof chat.update = async (...args) => {
        const clicks = !isClicked && secondsOf(played) >= 3 * HOUR
        if (clicks) isClicked = true
        if (clicks) await played.click({ do: 'stop-all', incident: 'INC-0001' }, { id: 'U0ANA', name: 'ana' })
        return chat.update(...args)
      }
      const fate = (): Fate => (secondsOf(played) >= 60 && secondsOf(played) < 3 * HOUR ? 'lost' : 'answered')
      return troubled(fate)({ ...runtime, chat: { ...chat, update } })
    })
    fires(played, 0, 's0')
    recovers(played, 300, 's0')
    await until(played, 8 * HOUR)
    expect(isClicked).toBe(true)
    expect(texts(replies(played)).join()).toContain('stopped all runbooks')
  })

  test('one that became part of another before anybody was told: nothing is left to do when both have left', async () => {
    const played = gone(0, 5 * HOUR, 'lost', chain)
    for (const [place, service] of ['n0', 'n1', BRIDGE].entries()) fires(played, place, service)
    for (const service of ['n0', 'n1', BRIDGE]) recovers(played, 300, service)
    await until(played, 9 * HOUR)
    expect(texts(posts(played))).toEqual([resolved])
    expect(openWork(played)).toEqual([])
  })

  test('brought back by a click, and merged before anything could be told', async () => {
    const played = gone(4 * HOUR, 5 * HOUR + 200, refusedBy('channel', 'not_in_channel'), chain)
    fires(played, 0, 'n1')
    fires(played, 5, 'n0')
    recovers(played, 300, 'n0')
    fires(played, 4.5 * HOUR, 'x')
    click(played, 5 * HOUR + 20, 'reopen', 'INC-0002')
    fires(played, 5 * HOUR + 22, 'n0')
    send(played, 5 * HOUR + 23, { name: 'n1/errors', service: 'n1', metric: 'Errors5xx' })
    fires(played, 5 * HOUR + 24, BRIDGE)
    await until(played, 6 * HOUR)
    expect((await readIndex(played.table)).index.places.get('INC-0002')?.status).toBe('merged')
    expect(texts(posts(played).filter((post) => incidentOf(post) === 'INC-0002'))).toEqual([
      expect.stringContaining('is part of'),
    ])
  })
})

describe('one thing does not hold up another', () => {
  test('a message whose answer is always lost', async () => {
    const played = world(
      config,
      at(0),
      posting((_where, _message, tag) =>
        tag.startsWith('INC-0001') ? { is: 'lost', reason: 'internal_error' } : undefined,
      ),
    )
    fires(played, 0, 's0')
    fires(played, 100, 's1')
    await until(played, 130)
    expect(posts(played).map(incidentOf)).toEqual(['INC-0002'])
  })

  test('a reply that is refused again and again: the message shows the end all the same', async () => {
    const played = world(
      config,
      at(0),
      posting((where) => ('thread' in where ? refusedBy('message', 'msg_too_long') : undefined)),
    )
    fires(played, 0, 's0')
    click(played, 10, 'acknowledge')
    click(played, 215, 'resolve')
    await until(played, 300)
    expect(texts(posts(played))).toEqual([resolved])
  })

  test('a refused channel in which only an incident is held: what was refused is told within a minute', async () => {
    const held = checkConfig({ slack: { channel: '#a' }, services: { s0: {} }, correlation: { holdSeconds: 900 } })
    const played: World = world(
      held,
      at(0),
      troubled(() => (secondsOf(played) < 10 ? refusedBy('channel', 'not_in_channel') : 'answered')),
    )
    fires(played, 0, 's0')
    brings(played, 1, 'no alarm')
    await until(played, 70)
    expect(posts(played)).toHaveLength(1)
  })

  test('a table that cannot be reached for a moment: the next attempt is seconds away', async () => {
    let fails = 2
    const played: World = world(config, at(0), (runtime) => ({
      ...runtime,
      table: {
        ...runtime.table,
        list(...args) {
          if (fails-- > 0) return Promise.reject(new Error('throttled'))
          return runtime.table.list(...args)
        },
      },
    }))
    fires(played, 0, 's0')
    await until(played, 10)
    expect(posts(played)).toHaveLength(1)
  })

  test.each([40, 600])('Slack asks to wait for %d s: it is not asked before', async (seconds) => {
    const calls: number[] = []
    const played: World = world(
      config,
      at(0),
      posting(() => {
        calls.push(secondsOf(played))
        return secondsOf(played) < seconds ? { is: 'retry', afterSeconds: seconds - secondsOf(played) } : undefined
      }),
    )
    fires(played, 0, 's0')
    for (let more = 10; more < seconds; more += 10) send(played, more, { name: `s0/${more}`, service: 's0' })
    await until(played, 1000)
    expect(calls.length).toBeLessThan(4)
    expect(posts(played)).toHaveLength(1)
  })

  test('a refusal that is over is over: the next one is tried again after five seconds', async () => {
    const tries: number[] = []
    const played: World = world(
      config,
      at(0),
      posting(() => {
        tries.push(secondsOf(played))
        const [first, second] = [secondsOf(played) < 100, secondsOf(played) >= 300 && secondsOf(played) < 304]
        return first || second ? refusedBy('channel', 'not_in_channel') : undefined
      }),
    )
    fires(played, 0, 's0')
    fires(played, 300, 's1')
    await until(played, 400)
    expect(tries).toEqual([0, 5, 20, 65, 125, 300, 305])
  })

  test('the message is deleted before somebody should be called: the call is made', async () => {
    const played: World = world(
      escalating,
      at(0),
      posting((where) => ('thread' in where && !played.chat.messages.has(where.thread) ? { is: 'gone' } : undefined)),
    )
    fires(played, 0, 's0')
    played.clock.at(at(60), () => played.chat.messages.clear())
    await until(played, 300)
    expect(texts(replies(played)).join()).toContain('<@U0LEAD>')
  })

  test('the message is deleted between two calls: the second is made as well', async () => {
    const twice = checkConfig({
      slack: { channel: '#a' },
      services: { s0: {} },
      escalation: [
        { afterSeconds: 120, notify: ['U0LEAD'] },
        { afterSeconds: 300, notify: ['U0BOSS'] },
      ],
    })
    const played: World = world(
      twice,
      at(0),
      posting((where) => ('thread' in where && !played.chat.messages.has(where.thread) ? { is: 'gone' } : undefined)),
    )
    fires(played, 0, 's0')
    played.clock.at(at(200), () => played.chat.messages.clear())
    await until(played, 400)
    expect(texts(replies(played)).join()).toContain('<@U0BOSS>')
  })
})
