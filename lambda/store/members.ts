// Who may decide, as Slack said a moment ago: a click does not wait for what was asked before, nor fail because Slack limits or does not answer.
import { valueOf } from './flight.ts'
import type { People } from '../ports/slack.ts'
import type { Key, Table } from '../ports/table.ts'

const FRESH_MS = 5 * 60_000

/** While Slack does not answer. Whoever was taken off decides no longer than that. */
const KEPT_MS = 60 * 60_000

/** Only who may is remembered: whoever has just been added may at once. */
export function remembering(people: People, table: Pick<Table, 'get' | 'advance'>, now: () => number): People {
  const asked = async (key: string, ask: () => Promise<boolean>): Promise<boolean> => {
    const at: Key = { pk: 'SLACK', sk: `MEMBER#${key}` }
    const { since = 0 } = (valueOf(await table.get(at)) ?? {}) as { since?: number }
    const age = now() - since
    if (age < FRESH_MS) return true
    let is: boolean
    try {
      is = await ask()
    } catch (error) {
      if (age < KEPT_MS) return true
      throw error
    }
    const known = now()
    if (is || since > 0)
      await table.advance({
        ...at,
        rev: known,
        body: JSON.stringify({ since: is ? known : 0 }),
        expires: Math.ceil((known + KEPT_MS) / 1000),
      })
    return is
  }
  return {
    isIn: (group, user) => asked(`${group}#${user}`, () => people.isIn(group, user)),
    isFullMember: (user) => asked(`#${user}`, () => people.isFullMember(user)),
  }
}
