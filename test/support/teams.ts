// Teams that share a graph of services, each with its channel, and what Slack shows of their incidents.
import { expect } from '@jest/globals'
import { checkConfig, type ConfigInput } from '../../lambda/config.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import type { Trouble, Where } from '../../lambda/ports/slack.ts'
import type { Shown } from '../../replay/memory.ts'
import { world, type World } from '../../replay/world.ts'
import { at } from './alarms.ts'
import { answering, fires, incidentOf, posts, replies } from './told.ts'

export const INPUT = {
  slack: { channel: '#ops', approvers: ['U0OPS'] },
  services: {
    db: { title: 'Ledger database', team: 'data' },
    api: { title: 'Pay API', team: 'pay', dependsOn: ['db'] },
    app: { title: 'Pay app', team: 'pay', dependsOn: ['api'] },
    shop: { title: 'Shop', team: 'shop', dependsOn: ['api'] },
    mail: { title: 'Mail', team: 'mail' },
    news: { title: 'News', dependsOn: ['mail', 'db'] },
  },
  teams: {
    data: { title: 'Data', channel: '#data', escalation: [{ afterSeconds: 600, notify: ['U0DORA'] }] },
    pay: { title: 'Payments', channel: '#pay', escalation: [{ afterSeconds: 3600, notify: ['U0PAUL'] }] },
    shop: { title: 'Shop', channel: '#pay', approvers: ['U0SUE'] },
    mail: { title: 'Mail', channel: '#mail' },
  },
} satisfies ConfigInput

export const config = checkConfig(INPUT)
export const night = (process?: (runtime: Runtime) => Runtime): World => world(config, at(0), process)

export const inChannel = (played: World, channel: string): Shown[] =>
  posts(played).filter((post) => post.channel === channel)
export const only = <T>(all: readonly T[]): T => {
  expect(all).toHaveLength(1)
  return all[0]!
}
export const wordsOf = ({ blocks }: Pick<Shown, 'blocks'>): string => JSON.stringify(blocks)
export const wordsIn = (played: World, channel: string): string => wordsOf(only(inChannel(played, channel)))
export const callsIn = (played: World, channel: string): Shown[] =>
  replies(played).filter((one) => one.channel === channel && one.mentions.length > 0)
export const where = (played: World): [channel: string, incident: string][] =>
  posts(played).map((post) => [post.channel, incidentOf(post)])
/** What is true so many seconds after the start. */
export const meanwhile = (played: World, seconds: number, look: () => void): void =>
  played.clock.at(at(seconds), async () => look())

/** The home is in #pay; the cause is in #data from the tenth second on. */
export function moving(process?: (runtime: Runtime) => Runtime): World {
  const played = night(process)
  fires(played, 1, 'api')
  fires(played, 10, 'db')
  return played
}

/** The same services, which nobody owns. */
export const unowned = checkConfig({
  ...INPUT,
  teams: {},
  services: Object.fromEntries(Object.entries(INPUT.services).map(([id, one]) => [id, { ...one, team: undefined }])),
})

export const LOST = { is: 'lost', reason: 'socket hang up' } as const
export const GONE = { is: 'refused', by: 'channel', reason: 'the channel is archived' } as const

export interface Archived {
  channel?: string
  by?: typeof config
  fate?: Trouble
  around?: (runtime: Runtime) => Runtime
}

/** The channel of a team refuses everything, also to be searched, as when Tocsin was removed from it; seconds after the start. */
export function archived(
  from: number,
  until = Infinity,
  { channel = '#data', by = config, fate = GONE, around = (runtime) => runtime }: Archived = {},
): World {
  const is = (place: string): Promise<Trouble> | undefined => {
    const now = played.clock.now()
    return place.split('/')[0] === channel && now >= at(from) && now < at(until) ? Promise.resolve(fate) : undefined
  }
  const placeOf = (to: Where): string => ('channel' in to ? to.channel : to.thread)
  const refusing = answering({ post: (to) => is(placeOf(to)), update: is, find: (to) => is(placeOf(to)) })
  const played: World = world(by, at(0), (runtime) => refusing(around(runtime)))
  return played
}
