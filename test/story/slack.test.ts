// When Slack does not do what it is asked: nothing is lost, nothing is posted twice, and a message that it refuses holds up no other.
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import type { Chat } from '../../lambda/ports/slack.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { replay } from '../../replay/replay.ts'
import { world } from '../../replay/world.ts'
import { at, body, event } from '../support/alarms.ts'

const config = checkConfig({ slack: { channel: 'x' }, services: { a: {}, b: {} } })
const alarms = [event({ name: 'a/latency', service: 'a' }), event({ name: 'b/latency', service: 'b', at: 1 })].map(
  (message, i) => ({ line: i + 1, message }),
)

/** A Slack that answers in its own way; undefined lets the real one answer. */
const answering =
  (answers: Partial<{ [K in keyof Chat]: (...args: Parameters<Chat[K]>) => ReturnType<Chat[K]> | undefined }>) =>
  (runtime: Runtime): Runtime => ({
    ...runtime,
    chat: {
      post: (...args) => answers.post?.(...args) ?? runtime.chat.post(...args),
      update: (...args) => answers.update?.(...args) ?? runtime.chat.update(...args),
      find: (...args) => answers.find?.(...args) ?? runtime.chat.find(...args),
    },
  })

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
    expect([...world.chat.messages.values()].map(({ tag }) => tag).sort()).toEqual(['INC-0001', 'INC-0002'])
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
      ({ tag, threadTs }) => tag === 'INC-0001' && threadTs === undefined,
    )
    expect(posts).toHaveLength(2)
    expect(posts.at(-1)!.text).toContain('resolved')
  })

  test('refuses one message for good: the others are told, and the refusal is said loudly', async () => {
    const played = world(
      config,
      at(0),
      answering({
        post: (_message, tag) =>
          tag === 'INC-0001' ? Promise.resolve({ is: 'fail', reason: 'msg_too_long' }) : undefined,
      }),
    )
    await played.deliver([
      { id: '1', body: body({ name: 'a/latency', service: 'a' }) },
      { id: '2', body: body({ name: 'b/latency', service: 'b' }) },
    ])
    await expect(played.clock.run()).rejects.toThrow('Slack took nothing of INC-0001 (msg_too_long)')
    expect([...played.chat.messages.values()].map(({ tag }) => tag)).toContain('INC-0002')
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
