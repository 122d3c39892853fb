// The heartbeat, end to end: it gets through or is missed, and never becomes an incident.
import { describe, expect, test } from '@jest/globals'
import { checkConfig } from '../../lambda/config.ts'
import { OWN_ALARMS } from '../../lambda/core/facts/own-alarms.ts'
import { heartbeatAlarm } from '../../lambda/core/watchdog/heartbeat.ts'
import { keyOf } from '../../lambda/core/intake/envelopes.ts'
import type { Probe } from '../../lambda/ports/slack.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { readBoard } from '../../lambda/store/board.ts'
import { watchdog } from '../../lambda/stages/watchdog.ts'
import { replay } from '../../replay/replay.ts'
import { world, type World } from '../../replay/world.ts'
import { event, START } from '../support/alarms.ts'
import { faults } from '../support/faults.ts'

const config = checkConfig({ slack: { channel: '#incidents' }, services: { api: {}, db: {} } })
const HEARTBEAT = keyOf('111122223333', 'eu-central-1', heartbeatAlarm('Tocsin'))

interface Line {
  message: string
  facts: Record<string, unknown> | undefined
}

interface Set {
  probe?: Probe
  /** What travels with it in the same batch. */
  along?: object[]
  isLost?: boolean
  outside?: (runtime: Runtime) => Runtime
}

/** One beat, and all that follows from it. */
async function beat({ probe = async () => undefined, along = [], isLost = false, outside = (same) => same }: Set = {}) {
  const lines: Line[] = []
  const log: Runtime['log'] = (_level, message, facts) => void lines.push({ message, facts })
  const all: World = world(config, START, (runtime) => outside({ ...runtime, heartbeat: HEARTBEAT, probe, log }))
  const ring = async (): Promise<void> => {
    const bodies = [event({ name: heartbeatAlarm('Tocsin'), at: 0.2 }), ...along]
    if (!isLost) all.clock.at(START + 500, async () => void (await all.deliver(bodies.map(message))))
  }
  const passed = watchdog({ table: all.table, clock: all.clock, log, bell: { ring } }).then(
    () => 'passed',
    (error: Error) => error.message,
  )
  await all.clock.run()
  return {
    outcome: await passed,
    seconds: (all.clock.now() - START) / 1000,
    lines,
    all,
    board: await readBoard(all.table),
  }
}

const message = (body: object, place: number) => ({ id: String(place), body: JSON.stringify(body) })

describe('a heartbeat', () => {
  test('passes every stage, says how long each hop took, and nobody sees it', async () => {
    const { outcome, seconds, lines, board, all } = await beat()
    expect(outcome).toBe('passed')
    expect(seconds).toBe(1)
    expect(lines).toEqual([
      { message: 'the heartbeat passed', facts: { eventSeconds: 0.2, intakeSeconds: 0.3, notifySeconds: 0 } },
    ])
    expect(board.incidents).toEqual({})
    expect(all.chat.messages.size).toBe(0)
    expect(all.deadLetters).toEqual([])
  })

  test('writes the board twice and no more', async () => {
    expect((await beat()).all.table.writes).toBe(2)
  })

  test('fails at once where Slack is not connected yet, and leaves nothing behind that is tried again', async () => {
    const why = 'Slack is not connected yet: run npx tocsin slack connect'
    const { outcome, seconds, all } = await beat({ probe: async () => why })
    expect(outcome).toBe(`the heartbeat was lost: ${why}`)
    expect(seconds).toBeLessThan(3)
    expect(all.deadLetters).toEqual([])
  })

  test('that never comes is missed after more than a minute, in which a message comes again', async () => {
    const { outcome, seconds } = await beat({ isLost: true })
    expect(outcome).toMatch(/did not come to intake within 75 seconds/)
    expect(seconds).toBe(75)
  })

  test('that notify does not see is missed, and the words say where it got stuck', async () => {
    const { outcome } = await beat({
      outside: (runtime) => ({ ...runtime, notices: { changed: async () => undefined } }),
    })
    expect(outcome).toMatch(/intake had the heartbeat, but notify did not answer/)
  })

  test('that another Tocsin rang is not taken for ours', async () => {
    const { outcome, board } = await beat({ outside: (runtime) => ({ ...runtime, heartbeat: 'another key' }) })
    expect(outcome).toMatch(/did not come to intake/)
    expect(board).not.toHaveProperty('heartbeat')
  })

  test('in one batch with alarms changes nothing for them', async () => {
    const alarms = [event({ name: 'api/latency', service: 'api' }), event({ name: 'db/latency', service: 'db' })]
    const { outcome, board, all } = await beat({ along: alarms })
    expect(outcome).toBe('passed')
    expect(Object.keys(board.incidents)).toHaveLength(2)
    expect(all.chat.counts.posts).toBe(2)
  })
})

describe.each(['before', 'after'] as const)('a process that dies %s a call', (when) => {
  test('at any one call delays the heartbeat and does not lose it', async () => {
    const calm = faults([], when)
    await beat({ outside: calm.spawn })
    expect(calm.calls()).toBeGreaterThan(4)
    for (let call = 1; call <= calm.calls(); call++) {
      const { outcome, board } = await beat({ outside: faults([call], when).spawn })
      expect({ call, outcome, incidents: board.incidents }).toEqual({ call, outcome: 'passed', incidents: {} })
    }
  })
})

describe('alarms about Tocsin itself', () => {
  test.each([heartbeatAlarm('Tocsin'), `${OWN_ALARMS}errors of functions`, `${OWN_ALARMS}heartbeat lost`])(
    '%s: open nothing, in the deployment as in a replay, so that no loop can be',
    async (name) => {
      const { board } = await beat({ along: [event({ name }), event({ name, state: 'OK', at: 9 })] })
      expect(board.incidents).toEqual({})

      const { story } = await replay(config, [{ line: 1, message: event({ name }) }], [])
      expect(story.incidents).toEqual([])
      expect(story.ignored).toEqual([{ line: 1, reason: expect.stringContaining('e-mail') }])
      expect(story.slack).toMatchObject({ posts: 0, updates: 0, threadReplies: 0 })
    },
  )
})
