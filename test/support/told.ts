// A night in which alarms come in and Slack is told: what was sent, what stands in Slack, and what is left to tell.
import { checkConfig } from '../../lambda/config.ts'
import type { Config } from '../../lambda/core/services/config.ts'
import type { ActionName } from '../../lambda/core/respond/actions/index.ts'
import type { Chat, Sent } from '../../lambda/ports/slack.ts'
import type { Runtime } from '../../lambda/ports/runtime.ts'
import type { Shown } from '../../replay/memory.ts'
import type { World } from '../../replay/world.ts'
import { at, body, type Told } from './alarms.ts'

/** Thirty services, tied to nothing: s0, s1 … */
const services = Object.fromEntries(Array.from({ length: 30 }, (_, place) => [`s${place}`, {}]))
export const configIn = (channel: string): Config => checkConfig({ slack: { channel }, services })

export const HOUR = 3600

let line = 0
export const brings = (played: World, seconds: number, text: string): void =>
  played.clock.at(at(seconds), async () => void (await played.deliver([{ id: String(++line), body: text }])))
export const send = (played: World, seconds: number, told: Omit<Told, 'at'>): void =>
  brings(played, seconds, body({ ...told, at: seconds }))
export const fires = (played: World, seconds: number, service: string): void =>
  send(played, seconds, { name: `${service}/latency`, service })
export const recovers = (played: World, seconds: number, service: string): void =>
  send(played, seconds, { name: `${service}/latency`, service, state: 'OK' })
export const click = (
  played: World,
  seconds: number,
  action: ActionName,
  incident = 'INC-0001',
  choice?: string,
): void =>
  played.clock.at(at(seconds), async () => {
    await played.click({ do: action, incident, ...(choice !== undefined && { choice }) }, { id: 'U0ANA', name: 'ana' })
  })

/** Runs until so many seconds after the start. */
export const until = (played: World, seconds: number): Promise<void> =>
  played.clock.run(() => played.clock.now() > at(seconds))

/** Seconds after the start. */
export const secondsOf = (played: World): number => (played.clock.now() - at(0)) / 1000
export const postedAt = ({ ts }: Shown): number => Math.floor(Number(ts)) - at(0) / 1000

export const incidentOf = ({ tag }: Pick<Shown, 'tag'>): string => tag.split('/')[0]!
export const posts = ({ chat }: World): Shown[] =>
  [...chat.messages.values()].filter(({ threadTs }) => threadTs === undefined)
export const replies = ({ chat }: World): Shown[] =>
  [...chat.messages.values()].filter(({ threadTs }) => threadTs !== undefined)
export const texts = (shown: readonly Shown[]): string[] => shown.map(({ text }) => text)

export const openWork = ({ table }: World): string[] =>
  [...table.items()].filter(({ sk }) => sk.startsWith('OPEN#')).map(({ sk }) => sk.slice('OPEN#'.length))

/** Cuts off every item whose sort key begins like this, as a script might. */
export const spoils = (played: World, seconds: number, begins: string): void =>
  played.clock.at(at(seconds), async () => {
    for (const item of [...played.table.items()].filter(({ sk }) => sk.startsWith(begins)))
      await played.table.replace({ ...item, body: item.body.slice(0, 9) }, item.rev)
  })

/** A Slack that answers in its own way; undefined lets the real one answer. */
export const answering =
  (answers: Partial<{ [K in keyof Chat]: (...args: Parameters<Chat[K]>) => ReturnType<Chat[K]> | undefined }>) =>
  (runtime: Runtime): Runtime => ({
    ...runtime,
    chat: {
      post: (...args) => answers.post?.(...args) ?? runtime.chat.post(...args),
      update: (...args) => answers.update?.(...args) ?? runtime.chat.update(...args),
      find: (...args) => answers.find?.(...args) ?? runtime.chat.find(...args),
      resolve: (...args) => answers.resolve?.(...args) ?? runtime.chat.resolve(...args),
    },
  })

export const posting = (
  answer: (...args: Parameters<Chat['post']>) => Sent | undefined,
): ReturnType<typeof answering> =>
  answering({
    post(...args) {
      const answered = answer(...args)
      return answered && Promise.resolve(answered)
    },
  })

/** Somebody is called when nobody has acknowledged for two minutes. */
export const escalating = checkConfig({
  slack: { channel: '#a' },
  services: { s0: {} },
  escalation: [{ afterSeconds: 120, notify: ['U0LEAD'] }],
})

/** What ties n0 and n1 together, as soon as it alarms as well. */
export const BRIDGE = 'bridge'
export const chain = checkConfig({
  slack: { channel: '#a' },
  services: { x: {}, n0: {}, n1: {}, [BRIDGE]: { dependsOn: ['n0', 'n1'] } },
})
