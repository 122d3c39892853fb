// When Slack does not do what it is asked: nothing is lost, nothing is posted twice, and a message that it refuses holds up no other.
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import { replay } from '../../replay/replay.ts'
import { world } from '../../replay/world.ts'
import { at, body, event } from '../support/alarms.ts'
import { answering } from '../support/told.ts'

const config = checkConfig({ slack: { channel: 'x' }, services: { a: {}, b: {} } })
const alarms = [event({ name: 'a/latency', service: 'a' }), event({ name: 'b/latency', service: 'b', at: 1 })].map(
  (message, i) => ({ line: i + 1, message }),
)

describe('Slack', () => {
  test('refuses for a while, and gets everything when it may', async () => {
    let refusals = 3
    const { story, world } = await replay(
      config,
      alarms,
      [],
      answering({ post: () => (refusals-- > 0 ? Promise.resolve({ is: 'retry', afterSeconds: 30 }) : undefined) }),
    )
    expect(story.slack.posts).toBe(2)
    expect([...world.chat.messages.values()].map(({ tag }) => tag.split('/')[0]).sort()).toEqual([
      'INC-0001',
      'INC-0002',
    ])
  })

  describe('has a message whose sender died', () => {
    /** Dies right after it has sent what fits; meanwhile another alarm comes. Returns what Slack shows, and the texts of the thread. */
    async function dyingAfter(isIt: (tag: string) => boolean, refusesNext = false) {
      const three = checkConfig({
        slack: { channel: 'x' },
        services: { a: {}, b: { dependsOn: ['a'] }, c: { dependsOn: ['a'] } },
      })
      let died = false
      let refuses = refusesNext
      const played = world(three, at(0), (runtime) =>
        answering({
          post(where, message, tag) {
            if (died && refuses) {
              refuses = false
              return Promise.resolve({ is: 'retry', afterSeconds: 5 })
            }
            if (died || !isIt(tag)) return undefined
            died = true
            return (async () => {
              await runtime.chat.post(where, message, tag)
              await played.deliver([
                { id: '9', body: body({ name: 'c/errors', service: 'c', metric: 'Errors', at: 21 }) },
              ])
              throw new Error('died')
            })()
          },
        })(runtime),
      )
      await played.deliver([{ id: '1', body: body({ name: 'a/latency', service: 'a' }) }])
      played.clock.at(at(20), async () => {
        await played.deliver([{ id: '2', body: body({ name: 'b/latency', service: 'b', at: 20 }) }])
      })
      played.clock.at(at(90), async () => {
        const over = ['a/latency', 'b/latency', 'c/errors'].map((name) =>
          body({ name, service: name[0]!, at: 90, state: 'OK', ...(name === 'c/errors' && { metric: 'Errors' }) }),
        )
        await played.deliver(over.map((message, i) => ({ id: `over ${i}`, body: message })))
      })
      await played.clock.run()
      expect(died).toBe(true)
      const messages = [...played.chat.messages.values()]
      return {
        posts: messages.filter(({ threadTs }) => threadTs === undefined),
        thread: messages.flatMap(({ threadTs, text }) => (threadTs === undefined ? [] : [text])).join('\n'),
      }
    }
    const times = (text: string, word: string): number => text.split(word).length - 1

    test.each([false, true])(
      'a reply: each line of the history is told once, also when Slack asks to wait: %s',
      async (refuses) => {
        const { thread } = await dyingAfter((tag) => tag.split('/').length === 3, refuses)
        expect([times(thread, 'b joined'), times(thread, 'c joined')]).toEqual([1, 1])
      },
    )

    test('a post: it is found, and then shows what is true', async () => {
      const { posts, thread } = await dyingAfter((tag) => tag.split('/').length === 2)
      expect(posts).toHaveLength(1)
      expect(JSON.stringify(posts[0]!.blocks)).toContain('*c*')
      expect(times(thread, 'c joined')).toBe(1)
    })
  })

  test('loses a message: it is posted anew, and goes on being true', async () => {
    let lost = false
    const { world } = await replay(
      config,
      [...alarms, { line: 3, message: event({ name: 'a/latency', service: 'a', state: 'OK', at: 60 }) }],
      [],
      answering({ update: () => (lost ? undefined : ((lost = true), Promise.resolve({ is: 'gone' }))) }),
    )
    const posts = [...world.chat.messages.values()].filter(
      ({ tag, threadTs }) => tag.startsWith('INC-0001/') && threadTs === undefined,
    )
    expect(posts).toHaveLength(2)
    expect(posts.at(-1)!.text).toContain('resolved')
  })

  test('refuses one message for good: the others are told, and it is tried a few times more', async () => {
    let tries = 0
    const { world } = await replay(
      config,
      alarms,
      [],
      answering({
        post(_where, _message, tag) {
          if (!tag.startsWith('INC-0001')) return undefined
          tries++
          return Promise.resolve({ is: 'refused', by: 'message', reason: 'msg_too_long' })
        },
      }),
    )
    expect([...world.chat.messages.values()].map(({ tag }) => tag.split('/')[0])).toEqual(['INC-0002'])
    expect([tries > 1, tries < 20, world.unheard]).toEqual([true, true, []])
  })

  test('is never asked more than once a second, whatever happens', async () => {
    const storm = Array.from({ length: 300 }, (_, i) => ({
      line: i + 1,
      message: event({ name: `a/alarm-${i}`, service: i % 2 === 0 ? 'a' : 'b', at: i / 10 }),
    }))
    const { world } = await replay(config, storm)
    expect(world.chat.counts.refused).toBe(0)
    expect(world.chat.counts.posts).toBe(2)
  })
})
