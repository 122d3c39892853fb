// A channel is looked up once, and messages go to its id: names change, and find no private channel.
import { expect, test } from '@jest/globals'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import { knownChannels } from '../../lambda/store/ledger/ledger.ts'
import { world, type World } from '../../replay/world.ts'
import { at } from '../support/alarms.ts'
import { GONE } from '../support/teams.ts'
import { answering, configIn, fires, posts, until } from '../support/told.ts'

/** `ids`: what the name stands for, each time that it is looked up. `gone`: ids that refuse messages. */
function named(ids: (string | undefined)[], gone: string[] = []): { played: World; asked: string[] } {
  const asked: string[] = []
  const process = (runtime: Runtime): Runtime =>
    answering({
      async resolve(channel) {
        asked.push(channel)
        return ids[Math.min(asked.length, ids.length) - 1]
      },
      post: (to) => ('channel' in to && gone.includes(to.channel) ? Promise.resolve(GONE) : undefined),
    })(runtime)
  return { played: world(configIn('#ops'), at(0), process), asked }
}
const channelsOf = (played: World): string[] => posts(played).map(({ channel }) => channel)

test('it is looked up once, and called by its id from then on, whatever it is called by then', async () => {
  const { played, asked } = named(['C0OPS', undefined])
  for (let place = 0; place < 3; place++) fires(played, 1 + place * 700, `s${place}`)
  await until(played, 2000)
  expect([channelsOf(played), asked]).toEqual([['C0OPS', 'C0OPS', 'C0OPS'], ['#ops']])
  // The heartbeat asks for the same.
  expect(await knownChannels(played.table, ['#ops', '#other'])).toEqual(new Map([['#ops', 'C0OPS']]))
})

test('where Slack does not say, the name is used', async () => {
  const { played } = named([undefined])
  fires(played, 1, 's0')
  await until(played, 60)
  expect(channelsOf(played)).toEqual(['#ops'])
})

test('if it refuses messages, the name is looked up anew: it may be that of another channel', async () => {
  const gone: string[] = []
  const { played, asked } = named(['C0OLD', 'C0NEW'], gone)
  fires(played, 1, 's0')
  played.clock.at(at(100), async () => void gone.push('C0OLD'))
  fires(played, 800, 's1')
  await until(played, 1000)
  expect([channelsOf(played), asked]).toEqual([
    ['C0OLD', 'C0NEW'],
    ['#ops', '#ops'],
  ])
})
