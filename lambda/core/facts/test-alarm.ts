// The alarms that `tocsin test-alarm` makes: what they are for stands in their names, so that nobody takes one for real.
import { DEFAULT_STACK, prefixFor } from './stack-name.ts'

/** `team`: whose channel is tried. `calls`: people are called as well. */
export interface TestAlarm {
  team?: string
  calls: boolean
}

/** `when`: makes the name unique; without a slash. `stack`: by its name, only that one takes it. */
export function testAlarmName(when: string, { team, calls }: TestAlarm, stack = DEFAULT_STACK): string {
  return `${prefixFor('tocsin-test', stack)}${when}${calls ? '/call' : ''}${team === undefined ? '' : `/team/${team}`}`
}

const NAME = /^tocsin-test(?:@[\w-]+)?\/[^/]+(\/call)?(?:\/team\/(.+))?$/

/** Undefined for every other alarm. */
export function testAlarmIn(name: string): TestAlarm | undefined {
  const [found, call, team] = name.startsWith('tocsin-test') ? (NAME.exec(name) ?? []) : []
  return found === undefined ? undefined : { calls: call !== undefined, ...(team !== undefined && { team }) }
}
