// A crash after (or before) any await: the next delivery, run or timer reaches the same end, with one post for each incident.
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import { replay } from '../../replay/replay.ts'
import { at, event } from '../support/alarms.ts'
import { faults, type Faults } from '../support/faults.ts'
import { outcomeOf } from '../support/outcome.ts'

const config = checkConfig({
  slack: { channel: '#incidents' },
  services: {
    db: { kind: 'database' },
    api: { dependsOn: ['db'] },
    web: { kind: 'load-balancer', dependsOn: ['api'] },
    mail: {},
  },
  escalation: [{ afterSeconds: 120, notify: ['U0LEAD'] }],
})

const messages = [
  event({ name: 'db/latency', service: 'db', at: 0 }),
  event({ name: 'api/latency', service: 'api', at: 0 }),
  event({ name: 'mail/disk', service: 'mail', metric: 'DiskUsed', at: 0 }),
  'not readable',
  event({ name: 'web/5xx', service: 'web', metric: 'Errors5xx', at: 30 }),
  event({ name: 'api/latency', service: 'api', state: 'OK', at: 200 }),
  event({ name: 'db/latency', service: 'db', state: 'OK', at: 230 }),
  event({ name: 'web/5xx', service: 'web', state: 'OK', at: 260 }),
  event({ name: 'mail/disk', service: 'mail', state: 'OK', at: 260 }),
].map((message, place) => ({ line: place + 1, message }))

// Clicks again ten seconds later, as people do when nothing seems to happen.
const clicks = [60, 70].map((seconds) => ({
  at: at(seconds),
  user: 'U0ANA',
  action: 'acknowledge' as const,
  incident: 'INC-0001',
}))

async function play(outside: Faults) {
  const { story, world } = await replay(config, messages, clicks, outside.spawn)
  const posts = [...world.chat.messages.values()].filter(({ threadTs }) => threadTs === undefined)
  const replies = [...world.chat.messages.values()].filter(({ threadTs }) => threadTs !== undefined)
  return { outcome: outcomeOf(story), posts, replies, story, world }
}

/** What each is about. */
const subjects = (posts: readonly { tag: string }[]): string[] => posts.map(({ tag }) => tag.split(/[/@]/)[0]!).sort()

describe.each(['before', 'after'] as const)('a process that dies %s a call', (when) => {
  test('at any one call leaves the same incidents, one post each, and nothing told twice', async () => {
    const calm = faults([], when)
    const expected = await play(calm)
    expect(expected.story.incidents).toHaveLength(2)
    for (let call = 1; call <= calm.calls(); call++) {
      const { outcome, posts, replies, story, world } = await play(faults([call], when))
      expect({ call, outcome }).toEqual({ call, outcome: expected.outcome })
      expect({ call, posts: subjects(posts) }).toEqual({ call, posts: ['INC-0001', 'INC-0002', 'unreadable'] })
      expect({ call, unheard: world.unheard }).toEqual({ call, unheard: [] })
      expect({
        call,
        twice: repeated(
          replies.flatMap(({ text, threadTs }) => text.split('\n').map((line) => `${threadTs}: ${line}`)),
        ),
      }).toEqual({ call, twice: [] })
      expect({ call, acknowledged: story.incidents[0]?.acknowledgedAt ?? null }).not.toEqual({
        call,
        acknowledged: null,
      })
      expect(new Set(world.deadLetters.map(({ body }) => body))).toEqual(new Set(['not readable']))
    }
  })

  test('again and again still arrives at the same end', async () => {
    const calm = faults([], when)
    const expected = await play(calm)
    for (let seed = 1; seed <= 40; seed++) {
      const calls = Array.from({ length: 4 }, (_, i) => 1 + ((seed * 7919 + i * 104_729) % calm.calls()))
      const played = await play(faults(calls, when))
      expect({ calls, outcome: played.outcome }).toEqual({ calls, outcome: expected.outcome })
      expect(subjects(played.posts)).toEqual(['INC-0001', 'INC-0002', 'unreadable'])
    }
  })
})

const repeated = (lines: string[]): string[] => lines.filter((line, place) => lines.indexOf(line) !== place)
