/** Reads what the page asks for: each POST to /ui becomes one call, or one clear sentence about what is wrong with it. */
import type { PretendSlack, StateValues } from '../../slack/index.ts'
import type { Option } from '../../slack/types.ts'
import { MANNERS, type Stage } from './stage.ts'

type Body = Record<string, unknown>
export type Reply = { status: 200; body: unknown } | { status: 400; body: { ok: false; error: string } }

const done = (body: unknown = { ok: true }): Reply => ({ status: 200, body })
const wrong = (error: string): Reply => ({ status: 400, body: { ok: false, error } })

const isText = (value: unknown): value is string => typeof value === 'string'
const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)
const missing = (body: Body, ...keys: string[]) => keys.find((key) => !isText(body[key]))

type Order = (body: Body, world: { slack: PretendSlack; stage: Stage }) => Promise<Reply> | Reply

export const ORDERS: Record<string, Order> = {
  async act(body, { slack }) {
    const lack = missing(body, 'userId', 'blockId', 'actionId', ...(isText(body.viewId) ? [] : ['channel', 'ts']))
    if (lack) return wrong(`An action needs ${lack} as text.`)
    const { userId, channel, ts, viewId, blockId, actionId, value, selectedOption, selectedOptions } = body
    return done(
      await slack.act({
        userId: userId as string,
        blockId: blockId as string,
        actionId: actionId as string,
        ...(isText(viewId) ? { viewId } : { channel: channel as string, ts: ts as string }),
        ...(isText(value) && { value }),
        ...(isObject(selectedOption) && { selectedOption: selectedOption as unknown as Option }),
        ...(Array.isArray(selectedOptions) && { selectedOptions: selectedOptions as Option[] }),
      }),
    )
  },

  async submit(body, { slack }) {
    const lack = missing(body, 'userId', 'viewId')
    if (lack) return wrong(`A submission needs ${lack} as text.`)
    if (!isObject(body.values)) return wrong('A submission needs values, by block id and action id.')
    return done(
      await slack.submitView({
        userId: body.userId as string,
        viewId: body.viewId as string,
        values: body.values as StateValues,
      }),
    )
  },

  async close(body, { slack }) {
    const lack = missing(body, 'userId', 'viewId')
    if (lack) return wrong(`Closing a modal needs ${lack} as text.`)
    return done(await slack.closeView({ userId: body.userId as string, viewId: body.viewId as string }))
  },

  say(body, { slack }) {
    const lack = missing(body, 'userId', 'channel', 'text')
    if (lack) return wrong(`A message needs ${lack} as text.`)
    const said = slack.say({
      userId: body.userId as string,
      channel: body.channel as string,
      text: body.text as string,
      ...(isText(body.threadTs) && { threadTs: body.threadTs }),
    })
    return said ? done() : wrong('The message is empty, or its person, channel or thread does not exist.')
  },

  async play(body, { stage }) {
    const { id, speed } = body
    if (!stage.scenarios.some((scenario) => scenario.id === id)) return wrong('There is no such scenario.')
    if (speed !== 'real' && speed !== 'fast') return wrong('The speed of a scenario is "real" or "fast".')
    await stage.play(id as string, speed)
    return done()
  },

  async world(body, { stage }) {
    const { id, manner } = body
    if (!stage.worlds.some((world) => world.id === id)) return wrong('There is no such world.')
    const known = MANNERS.find((one) => one === manner)
    if (!known) return wrong(`The manner of a world is one of ${MANNERS.join(', ')}.`)
    await stage.playWorld(id as string, known)
    return done()
  },

  async stop(_body, { stage }) {
    await stage.stop()
    return done()
  },

  async reset(_body, { stage }) {
    await stage.reset()
    return done()
  },

  refuse(body, { slack }) {
    const { count = 3, retryAfterSeconds = 2 } = body
    const fits = (value: unknown): value is number =>
      Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 100
    if (!fits(count) || !fits(retryAfterSeconds))
      return wrong('count and retryAfterSeconds are whole numbers from 1 to 100.')
    slack.refuse({ count, retryAfterSeconds })
    return done()
  },
}
