// A Slack that has its troubles, in front of one that has none.
import type { Runtime } from '../../lambda/ports/runtime.ts'
import type { Chat, Trouble } from '../../lambda/ports/slack.ts'

/** What happens to one call: `done but lost` takes effect, and nobody hears of it. `hangs`: the answer would come when nobody waits any more. */
export type Fate = 'answered' | 'done but lost' | 'lost' | 'hangs' | Trouble

const TIMEOUT_MS = 10_000
const LOST: Trouble = { is: 'lost', reason: 'socket hang up' }

/** `fateOf`: asked once for each call. */
export const troubled =
  (fateOf: (method: keyof Chat) => Fate) =>
  (runtime: Runtime): Runtime => {
    const { chat, clock } = runtime
    const around = async <T>(method: keyof Chat, call: () => Promise<T>): Promise<T | Trouble> => {
      const fate = fateOf(method)
      if (fate === 'answered') return call()
      if (fate === 'done but lost') await call()
      if (fate === 'hangs') await clock.sleep(TIMEOUT_MS)
      return typeof fate === 'object' ? fate : LOST
    }
    return {
      ...runtime,
      chat: {
        post: (...args) => around('post', () => chat.post(...args)),
        update: (...args) => around('update', () => chat.update(...args)),
        find: (...args) => around('find', () => chat.find(...args)),
        resolve: (...args) => chat.resolve(...args),
      },
    }
  }
