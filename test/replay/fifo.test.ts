// The queue behind which stories are told is as unkind as SQS's.
import { describe, expect, test } from '@jest/globals'
import { virtualClock } from '../../replay/clock.ts'
import { fifo } from '../../replay/fifo.ts'

interface How {
  takes?: number
  fails?: Record<string, number>
  atOnce?: number
}

/** What was worked on: `group@second`. `fails`: how often the first messages of a group do. */
async function play(sent: readonly string[], { takes = 10, fails = {}, atOnce = 5 }: How = {}) {
  const clock = virtualClock(0)
  const begun: string[] = []
  let running = 0
  let most = 0
  const queue = fifo(clock, atOnce, async (group) => {
    begun.push(`${group}@${clock.now() / 1000}`)
    most = Math.max(most, ++running)
    await clock.sleep(takes * 1000)
    running--
    if ((fails[group] ?? 0) > 0) {
      fails[group]!--
      throw new Error('failed')
    }
  })
  for (const group of sent) queue.send(group)
  await clock.run()
  return { begun, most, deadLetters: queue.deadLetters }
}

describe('a queue, first in first out', () => {
  test('works on one message of a group after the other, and on several groups at once', async () => {
    const { begun } = await play(['a', 'a', 'b'])
    expect(begun).toEqual(['a@0', 'b@0', 'a@10'])
  })

  test('lets a group whose message failed wait for the visibility timeout, and no other group', async () => {
    const { begun } = await play(['a', 'a', 'b', 'b'], { fails: { a: 1 } })
    expect(begun).toEqual(['a@0', 'b@0', 'b@10', 'a@60', 'a@70'])
  })

  test('gives a message up after five receives, and goes on with the next', async () => {
    const { begun, deadLetters } = await play(['a', 'a'], { fails: { a: 5 } })
    expect(begun).toEqual(['a@0', 'a@60', 'a@120', 'a@180', 'a@240', 'a@300'])
    expect(deadLetters).toEqual(['a'])
  })

  test('works on no more groups at once than it may', async () => {
    const { most, begun } = await play(['a', 'b', 'c', 'd'], { atOnce: 2 })
    expect([most, begun]).toEqual([2, ['a@0', 'b@0', 'c@10', 'd@10']])
  })
})
