// A timeout in an SSM parameter, which the service reads when it starts.
import type { Target } from '../../core/services/config.ts'
import { Refused, type Tools } from '../../ports/tools.ts'
import { arnOf } from '../parts/arn.ts'
import type { Kind } from '../parts/kind.ts'
import { metricPermissions } from '../parts/metric.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import { restartSteps, type TaskFacts } from '../parts/ecs/restart.ts'
import { restartOf } from '../rolling-restart/kinds.ts'
import type { Case, Step, Turn } from '../runbook.ts'
import type { Options } from './options.ts'
import { shorterTimeout } from './shorter.ts'
import { inSeconds, secondsOf, written, approvedTimeout, NEW_TIMEOUT } from './value.ts'

interface Parameter {
  Value: string
  Type: 'String' | 'StringList' | 'SecureString'
  LastModifiedDate: Date | string
}

interface Facts {
  before: string
  next: string
  why: string
  restart: unknown
}

export const parameter: Kind<Options, Facts> = {
  async look(tools, about) {
    const { name, unit } = timeoutOf(about.target)
    const { Value, Type } = await read(tools, name)
    const nothing = { before: Value, next: Value, why: '', restart: null }
    const isWrong = whyNot(PRECONDITIONS, { Value, Type }, about.target)
    if (isWrong !== undefined) return { found: isWrong, stop: isWrong, facts: nothing }
    const { found, facts: restart, stop, scope } = await restartOf(about.target)!.look(tools, about)
    const to = await shorterTimeout(tools, about, secondsOf(Value, unit)!)
    if ('stop' in to) return { found: `the timeout is ${inSeconds(Value, unit)}`, stop: to.stop, facts: nothing }
    const next = approvedTimeout(about) ?? written(to.seconds, unit, Value)
    const arrow = `${inSeconds(Value, unit)} → ${inSeconds(next, unit)}`
    return {
      found: `the timeout is ${inSeconds(Value, unit)} and can be ${inSeconds(next, unit)} (${to.why}); then ${found}`,
      facts: { before: Value, next, why: to.why, restart },
      scope: {
        words: `${name} ${arrow}; ${scope?.words ?? ''}`,
        on: { ...scope?.on, parameter: name, timeout: Value, [NEW_TIMEOUT]: next },
      },
      ...(stop !== undefined && { stop }),
    }
  },

  steps: (facts, about) => [setStep(facts, about), ...restarts(about, facts)],

  permissions: (target, options, place) => [
    {
      actions: ['ssm:GetParameter', 'ssm:PutParameter'],
      resources: [arnOf(place, 'ssm', `parameter/${timeoutOf(target).name.replace(/^\//, '')}`)],
    },
    ...restartOf(target)!.permissions(target, options, place),
    ...metricPermissions(),
  ],
}

/** Those of the restart and of shorter.ts come on top. */
export const PRECONDITIONS: readonly Precondition<[Pick<Parameter, 'Type' | 'Value'>, Target]>[] = [
  {
    field: 'Parameter.Type of GetParameter',
    must: '`String`',
    stops: ({ Type }, target) =>
      Type === 'String' ? undefined : `${timeoutOf(target).name} is a ${Type}, not a number`,
  },
  {
    field: 'Parameter.Value of GetParameter',
    must: 'a plain number',
    stops({ Value }, target) {
      const { name, unit } = timeoutOf(target)
      return secondsOf(Value, unit) === undefined ? `${name} is "${Value.slice(0, 40)}", not a number` : undefined
    },
  },
]

const timeoutOf = ({ timeout }: Target) => ({ name: timeout!.parameter!, unit: timeout!.unit })

async function read(tools: Tools, Name: string): Promise<Parameter> {
  const { Parameter } = await tools.cloud.call<{ Parameter: Parameter }>('ssm', 'GetParameter', { Name })
  return Parameter
}

/** Whatever started before the parameter was last written has the old value. */
function restarts(about: Case<Options>, { restart }: Facts, undo = false): Step[] {
  const { target, options } = about
  const run = undo ? `${about.run} back` : about.run
  if (!target.ecs) return restartOf(target)!.steps(restart, { ...about, run })
  const { name } = timeoutOf(target)
  const since = async (tools: Tools): Promise<number> => new Date((await read(tools, name)).LastModifiedDate).getTime()
  return restartSteps({ target, options, facts: restart as TaskFacts, run, since })
}

function setStep(facts: Facts, about: Case<Options>): Step {
  const { name, unit } = timeoutOf(about.target)
  const { before, next } = facts
  const put = (value: string) => `ssm PutParameter ${name} = ${value}`
  const arrow = `${inSeconds(before, unit)} → ${inSeconds(next, unit)}`
  return {
    name: `Set ${name} to ${inSeconds(next, unit)}`,
    calls: [put(next)],
    touches: arrow,
    async turn(tools) {
      const { Value } = await read(tools, name)
      if (Value !== next) {
        if (Value !== before) throw new Refused(`somebody has set ${name} to ${Value.slice(0, 40)} meanwhile`)
        await write(tools, name, next)
      }
      return { done: arrow }
    },
    undo: {
      name: `Set ${name} back to ${inSeconds(before, unit)} and restart again`,
      calls: [put(before), ...restarts(about, facts, true).flatMap(({ calls }) => calls)],
      touches: `${inSeconds(next, unit)} → ${inSeconds(before, unit)}`,
      withinSeconds: restarts(about, facts).reduce((sum, { withinSeconds = 900 }) => sum + withinSeconds, 60),
      turn: (tools, state) => takeBack(tools, facts, about, state as Back | undefined),
    },
  }
}

const write = (tools: Tools, Name: string, Value: string): Promise<unknown> =>
  tools.cloud.call('ssm', 'PutParameter', { Name, Value, Type: 'String', Overwrite: true })

/** When it was set back (ms), which of the restart's steps is under way, and that step's own state. */
interface Back {
  since: number
  place: number
  inner?: unknown
}

async function takeBack(tools: Tools, facts: Facts, about: Case<Options>, state: Back | undefined): Promise<Turn> {
  const { name, unit } = timeoutOf(about.target)
  if (!state) {
    const { Value, LastModifiedDate } = await read(tools, name)
    if (Value === facts.before && new Date(LastModifiedDate).getTime() < about.since)
      return { done: `${name} was not changed` }
    if (Value !== facts.next && Value !== facts.before)
      return { done: `${name} stays at ${Value.slice(0, 40)}: somebody has set it meanwhile` }
    if (Value === facts.next) await write(tools, name, facts.before)
    return { going: `${name} is back`, againInSeconds: 1, state: { since: tools.now(), place: 0 } satisfies Back }
  }
  const steps = restarts({ ...about, since: state.since }, facts, true)
  const went = await steps[state.place]!.turn(tools, state.inner)
  if (!('done' in went)) return { ...went, state: { ...state, inner: went.state } satisfies Back }
  if (state.place + 1 < steps.length)
    return { going: went.done, againInSeconds: 1, state: { since: state.since, place: state.place + 1 } satisfies Back }
  return { done: `the timeout is ${inSeconds(facts.before, unit)} again, and the service runs with it` }
}
