// What was told and cannot be read any more: it is set aside, its message is found again, and nothing is told twice.
import { describe, expect, test } from '@jest/globals'
import { world, type World } from '../../replay/world.ts'
import { at } from '../support/alarms.ts'
import {
  BRIDGE,
  brings,
  chain,
  click,
  configIn,
  fires,
  HOUR,
  posts,
  recovers,
  replies,
  spoils,
  texts,
  until,
} from '../support/told.ts'

const config = configIn('#a')

describe('what cannot be read', () => {
  const lines = (played: World): string[] => replies(played).flatMap(({ text }) => text.split('\n'))
  const repeated = (all: readonly string[]): string[] => all.filter((line, place) => all.indexOf(line) !== place)

  test('an entry: it is set aside; the message is found again, and goes on', async () => {
    const played = world(config, at(0))
    fires(played, 0, 's0')
    spoils(played, 100, 'OPEN#')
    recovers(played, 200, 's0')
    await played.clock.run()
    expect(posts(played).map(({ text }) => text)).toEqual([expect.stringContaining('resolved')])
    expect([...played.table.items()].map(({ pk }) => pk)).toContain('ASIDE')
  })

  test('an entry of an incident that is merged next: its message says so', async () => {
    const played = world(chain, at(0))
    fires(played, 0, 'n1')
    fires(played, 5, 'n0')
    spoils(played, 100, 'OPEN#')
    fires(played, 110, BRIDGE)
    await until(played, 600)
    expect(texts(posts(played)).filter((text) => text.includes('is part of'))).toHaveLength(1)
  })

  test('an entry of messages that could not be read: their message goes on', async () => {
    const played = world(config, at(0))
    brings(played, 0, 'no alarm')
    spoils(played, 100, 'OPEN#')
    brings(played, 110, 'no alarm')
    await until(played, 600)
    expect(texts(posts(played))).toEqual([expect.stringContaining('2 messages')])
  })

  test('an entry of an incident that was brought back: its message goes on, each line once', async () => {
    const played = world(config, at(0))
    fires(played, 0, 's0')
    recovers(played, 300, 's0')
    click(played, 5 * HOUR, 'reopen')
    spoils(played, 5 * HOUR + 100, 'OPEN#')
    click(played, 6 * HOUR, 'acknowledge')
    click(played, 7 * HOUR, 'resolve')
    await until(played, 10 * HOUR)
    expect(posts(played)).toHaveLength(1)
    expect(repeated(lines(played))).toEqual([])
  })

  test('what was told in the end, of an incident that comes back: its message goes on', async () => {
    const played = world(config, at(0))
    fires(played, 0, 's0')
    recovers(played, 300, 's0')
    spoils(played, 4 * HOUR, 'TOLD#')
    click(played, 5 * HOUR, 'reopen')
    click(played, 6 * HOUR, 'resolve')
    await until(played, 9 * HOUR)
    expect(posts(played)).toHaveLength(1)
    expect([...played.table.items()].map(({ pk }) => pk)).toContain('ASIDE')
  })

  test('the state of a place: it is set aside once', async () => {
    const logged: string[] = []
    const played: World = world(config, at(0), (runtime) => ({
      ...runtime,
      log: (_level, message) => void logged.push(message),
    }))
    await played.table.replace({ pk: 'PLACE##a', sk: 'STATE', rev: 1, body: '{"ref' }, 0)
    for (let of = 0; of < 10; of++) fires(played, of * 100, `s${of}`)
    await until(played, 1100)
    expect(logged.filter((message) => message.includes('set aside'))).toHaveLength(1)
  })
})
