// An incident as CloudWatch's metrics show it.
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import type { Counts } from '../../lambda/core/watchdog/metrics.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { replay } from '../../replay/replay.ts'
import { at, event } from '../support/alarms.ts'

const config = checkConfig({ slack: { channel: '#incidents' }, services: { api: { dependsOn: ['db'] }, db: {} } })

const MESSAGES = [
  event({ name: 'db/latency', service: 'db', at: 0 }),
  event({ name: 'api/latency', service: 'api', at: 0 }),
  'not readable',
  event({ name: 'api/latency', service: 'api', state: 'OK', at: 60 }),
  event({ name: 'db/latency', service: 'db', state: 'OK', at: 60 }),
].map((message, place) => ({ line: place + 1, message }))

describe('an incident', () => {
  test('is counted once at every stage', async () => {
    const sums: Counts = {}
    const incidents: unknown[] = []
    const log: Runtime['log'] = (_level, _message, facts, counts = {}) => {
      incidents.push(facts?.['incident'])
      for (const [name, value] of Object.entries(counts) as [keyof Counts, number][])
        sums[name] = (sums[name] ?? 0) + value
    }
    const { story, world } = await replay(
      config,
      MESSAGES,
      [{ at: at(20), user: 'U0ANA', action: 'acknowledge', incident: 'INC-0001' }],
      (runtime) => ({ ...runtime, log }),
    )
    const { posts, threadReplies, updates } = world.chat.counts
    expect(story.incidents).toHaveLength(1)
    expect(sums).toEqual({
      AlarmsIn: 4,
      IncidentsOpened: 1,
      Unreadable: 1,
      SlackPosts: posts + threadReplies,
      SlackEdits: updates,
      SecondsToMessage: expect.any(Number),
    })
    expect(sums.SecondsToMessage).toBeLessThan(3)
    expect(incidents).toContain('INC-0001')
  })

  test('of which Slack refuses a message counts the refusal, and no message', async () => {
    const counted: Counts[] = []
    const refusing = (runtime: Runtime): Runtime => ({
      ...runtime,
      chat: { ...runtime.chat, post: async () => ({ is: 'refused', by: 'message', reason: 'msg_too_long' }) },
      log: (_level, _message, _facts, counts) => void (counts && counted.push(counts)),
    })
    await replay(config, MESSAGES.slice(0, 1), [], refusing).catch(() => undefined)
    expect(counted).toContainEqual({ SlackRefusals: 1, Untold: 1 })
    expect(counted.filter((counts) => 'SlackPosts' in counts)).toEqual([])
  })
})
