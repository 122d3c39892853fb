// What others have written and Tocsin calls: an automation, a function.
import { fakeAutomation } from '../fakes/automation.ts'
import type { Actions } from '../fakes/cloud.ts'
import { small } from '../fakes/world.ts'
import { clockAt, symptom, type World } from './world.ts'

export function automationWorld(helps: boolean): World {
  const clock = clockAt()
  const automation = fakeAutomation(clock)
  const made = small({ clock, symptom: symptom(helps, () => automation.started.length > 0) })
  Object.assign(made.apis.ssm, automation.actions)
  return {
    ...made,
    state: () => automation.started.map(({ Parameters }) => Parameters['InstanceId']![0]),
    spoil: () => void (automation.status = 'Failed'),
    // It runs for longer than it may.
    break: () => void (automation.status = 'InProgress'),
  }
}

/** A user's own function that sets a level, in two turns. */
export function functionWorld(helps: boolean): World {
  let level = 9
  let why: string | undefined
  const answer = (value: unknown) => ({ Payload: new TextEncoder().encode(JSON.stringify(value)) })
  const lambda: Actions = {
    Invoke({ Payload }: { Payload: string }) {
      const { dryRun, phase, input, facts } = JSON.parse(Payload) as {
        dryRun: boolean
        phase: string
        input: { level: number }
        facts: { was: number }
      }
      if (why !== undefined) return { FunctionError: 'Unhandled', ...answer({ errorMessage: why }) }
      if (dryRun)
        return answer({
          found: `the level is ${level}`,
          calls: ['athena SetLevel'],
          touches: '1 level',
          facts: { was: level },
        })
      const wanted = phase === 'undo' ? facts.was : input.level
      if (level === wanted) return answer({ done: `the level is ${level}` })
      level = wanted
      return answer({ going: 'the level moves', againInSeconds: 2, state: { moved: true } })
    },
  }
  const made = small({ lambda, clock: clockAt(), symptom: symptom(helps, () => level === 3) })
  return { ...made, state: () => level, spoil: () => void (why = 'the level is locked') }
}
