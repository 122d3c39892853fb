// How long messages are held while the store of their copies fails.
import { isLastChance, storePatiently } from '../../../lambda/runbooks/relieve-queue-backlog/kept/hold.ts'
import { Refused, type Tools } from '../../../lambda/runbooks/runbook.ts'
import type { BrokerMessage } from '../../../lambda/ports/broker.ts'

/** A store that fails until `recovers`, in seconds from now; each try is noted by its second. */
function failing(recovers: number, error: Error = new Error('SlowDown')) {
  let ms = 0
  const tries: number[] = []
  const tools = {
    now: () => ms,
    pause: async (seconds: number) => void (ms += seconds * 1000),
    evidence: {
      async put() {
        tries.push(ms / 1000)
        if (ms / 1000 < recovers) throw error
      },
    },
  } as unknown as Tools
  return { tools, tries }
}

const held = { key: 'chunk', text: 'text', count: 1_200 }

test('a store that fails for a while is tried again, ever less often', async () => {
  const { tools, tries } = failing(30)
  await storePatiently(tools, held)
  expect(tries).toEqual([0, 1, 3, 7, 15, 25, 35])
})

test.each<[string, boolean, number]>([
  ['a minute', false, 55],
  ['more than three, where giving them back would lose them', true, 195],
])('one that goes on failing is given up after %s, and the messages go back', async (_, isLast, lastTry) => {
  const { tools, tries } = failing(Infinity)
  const went = storePatiently(tools, { ...held, isLast })
  await expect(went).rejects.toThrow(
    new Refused('no copy could be stored (SlowDown): the 1,200 messages that were taken go back to the queue'),
  )
  await expect(went).rejects.toBeInstanceOf(Refused)
  expect(tries.at(-1)).toBe(lastTry)
})

test('one that may not be written to is not tried again', async () => {
  const { tools, tries } = failing(Infinity, new Refused('AccessDenied'))
  await expect(storePatiently(tools, held)).rejects.toThrow('AccessDenied')
  expect(tries).toEqual([0])
})

test.each<[string, (number | undefined)[], number | undefined, boolean]>([
  ['a queue without a limit', [5], undefined, false],
  ['all came for the first time, and may come back once', [undefined, undefined], 1, false],
  ['one came back as often as it may', [undefined, 2, 0], 2, true],
  ['none may ever come back', [undefined], 0, true],
])('the last chance: %s', (_, counts, returns, wanted) => {
  const messages = counts.map((count) => ({
    properties: count === undefined ? {} : { headers: { 'x-delivery-count': count } },
  }))
  expect(isLastChance(messages as unknown as BrokerMessage[], returns)).toBe(wanted)
})
