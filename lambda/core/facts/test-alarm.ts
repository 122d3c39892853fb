// The alarms that `tocsin test-alarm` makes: what they are for stands in their names, so that nobody takes one for real.

const PREFIX = 'tocsin-test/'

/** `team`: whose channel is tried. `calls`: people are called as well. */
export interface TestAlarm {
  team?: string
  calls: boolean
}

/** `when`: makes the name unique; without a slash. */
export function testAlarmName(when: string, { team, calls }: TestAlarm): string {
  return `${PREFIX}${when}${calls ? '/call' : ''}${team === undefined ? '' : `/team/${team}`}`
}

const NAME = /^tocsin-test\/[^/]+(\/call)?(?:\/team\/(.+))?$/

/** Undefined for every other alarm. */
export function testAlarmIn(name: string): TestAlarm | undefined {
  const [found, call, team] = name.startsWith(PREFIX) ? (NAME.exec(name) ?? []) : []
  return found === undefined ? undefined : { calls: call !== undefined, ...(team !== undefined && { team }) }
}
