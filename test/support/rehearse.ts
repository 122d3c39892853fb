// Rehearses a runbook as its file says: it works, it does not help, a call is denied, its process dies. Through the real stage, in a durable execution.
import { isDeepStrictEqual } from 'node:util'
import { memoryEvidence } from '../../drill/world/ports/evidence.ts'
import { apiWith } from '../../lambda/adapters/cloud/cloud.ts'
import { runbookMistakes } from '../../lambda/config/runbook-checks.ts'
import type { Health } from '../../lambda/runbooks/parts/verdict.ts'
import {
  Refused,
  type Case,
  type Look,
  type Rehearsal,
  type Runbook,
  type Step,
  type Tools,
} from '../../lambda/runbooks/runbook.ts'
import { SINCE, toolsOf } from '../runbooks/fakes/cloud.ts'
import { actionOf } from './iam.ts'
import { offline, setup, teardown } from './offline.ts'
import type { How, Ran } from './run.ts'

const SERVICE = 'rehearsed'
const ALARM = 'rehearsed/symptom'
const PLACE = { partition: 'aws', account: '111122223333', region: 'eu-west-1' }

interface Fault {
  helps: boolean
  /** A call, like `ssm PutParameter`. */
  denied?: string
}

interface Rehearsing {
  tools: Tools
  clock: { now: number }
  state(): unknown
  /** Calls that changed something, in order. */
  acts: string[]
}

/** Registers the tests of a runbook's file. */
export function rehearse(file: string, runbook: Runbook, rehearsal: Rehearsal | undefined): void {
  describe(file, () => {
    beforeAll(setup)
    afterAll(teardown)
    test.each(Object.entries(checksOf(runbook, rehearsal)))('%s', async (_, problems) =>
      expect(await problems()).toEqual([]),
    )
  })
}

/** Each returns its problems, for whoever writes the runbook. */
export function checksOf(runbook: Runbook, rehearsal: Rehearsal | undefined): Record<string, () => Promise<string[]>> {
  if (!rehearsal)
    return {
      'has a rehearsal': async () => ['write export const rehearsal = { … }: docs/tutorial-runbook.md says how'],
    }
  const { target = {}, with: options, signal = runbook.signals?.[0] ?? 'latency' } = rehearsal
  const about = (): Case<Record<string, unknown>> => ({
    run: 'INC-0001-1',
    service: SERVICE,
    target: { region: PLACE.region, ...target },
    options: runbook.options.parse(options),
    since: SINCE,
    signals: [signal],
    alarm: { name: ALARM, dimensions: {} },
  })
  const worldWith = (fault: Fault): Rehearsing => worldOf(runbook, rehearsal, fault)
  const go = async (fault: Fault, how?: How): Promise<{ ran: Ran; world: Rehearsing }> => {
    const world = worldWith(fault)
    return { ran: await offline(runbook, about(), world.tools, world.clock, how), world }
  }
  const looked = async (): Promise<{ look: Look<unknown>; steps: Step[]; world: Rehearsing }> => {
    const world = worldWith(WELL)
    const look = await runbook.look(world.tools, about())
    // As they are kept with the run.
    const facts = JSON.parse(JSON.stringify(look.facts)) as unknown
    return { look, steps: look.stop === undefined ? runbook.steps(facts, about()) : [], world }
  }
  /** All is as before, unless a step that was done has no way back. */
  const notBack = async ({ steps }: Ran, world: Rehearsing): Promise<string[]> => {
    const done = new Set(steps.filter(({ is }) => is === 'done').map(({ name }) => name))
    const hasBack = (await looked()).steps.every(({ name, undo }) => !done.has(name) || undo)
    return hasBack ? unlike(world.state(), worldWith(WELL).state(), 'what was done is not taken back') : []
  }

  return {
    'a rule in the config proposes it': async () => {
      const rule = { runbook: runbook.name, when: { service: SERVICE }, with: options }
      const config = { services: { [SERVICE]: { target } }, runbooks: [rule] }
      const mistakes = runbookMistakes(config, new Map([[runbook.name, runbook]]))
      const isAnswer = runbook.signals?.includes(signal) ?? true
      return [
        ...mistakes.map(({ key, problem }) => `${key}: ${problem}`),
        ...(isAnswer
          ? []
          : [`nothing is proposed: its signals are ${runbook.signals?.join(', ')}, and ${signal} fires`]),
      ]
    },

    'its look changes nothing, and tells people what they need to decide': async () => {
      const { look, steps, world } = await looked()
      const { found, stop, scope } = look
      if (stop !== undefined) return [`nothing is proposed: ${stop}`]
      return [
        ...world.acts.map((call) => `the look changes something: ${call}`),
        ...(found === '' ? ['found is empty'] : []),
        ...(scope === undefined || scope.words === '' ? ['scope says nothing of what it acts on'] : []),
        ...(steps.length === 0 ? ['it has no steps'] : []),
        ...steps.flatMap(({ name, calls, touches }) => [
          ...(calls.length === 0 ? [`${name}: calls is empty`] : []),
          ...(touches === '' ? [`${name}: touches is empty`] : []),
        ]),
      ]
    },

    'it works': async () => {
      const { ran, world } = await go(WELL)
      const idle = world.acts.length === 0 ? ['nothing changed: state() must show what the runbook changes'] : []
      return [...notWell(ran), ...idle]
    },

    'a process that dies after each act leaves the same behind': async () => {
      const alive = await go(WELL)
      const { ran, world } = await go(WELL, { twice: true })
      return [...notWell(ran), ...unlike(world.state(), alive.world.state(), 'it leaves something else behind')]
    },

    'where it does not help, it says so and takes back what can be': async () => {
      const { ran, world } = await go({ helps: false })
      const claims = ran.health?.ok === true ? [`it claims that it helped: ${ran.health.text}`] : []
      return [...failuresOf(ran), ...claims, ...(await notBack(ran, world))]
    },

    'where a call is denied, it says which and takes back what can be': async () => {
      const problems: string[] = []
      for (const denied of new Set((await go(WELL)).world.acts)) {
        const { ran, world } = await go({ helps: true, denied })
        const isTold = ran.steps.some(({ is, text }) => is === 'failed' && text.includes(denied))
        if (!isTold) problems.push(`nobody learns that ${denied} was denied`)
        problems.push(...(await notBack(ran, world)))
      }
      return problems
    },

    'a permission on everything says why AWS allows nothing narrower': async () =>
      runbook
        .permissions(about().target, about().options, PLACE)
        .filter(({ resources, why }) => resources.includes('*') && why === undefined)
        .map(({ actions }) => `${actions.join(', ')} on *: name the resources, or say why`),
  }
}

const WELL: Fault = { helps: true }

const unlike = (is: unknown, wanted: unknown, problem: string): string[] =>
  isDeepStrictEqual(is, wanted) ? [] : [`${problem}: ${JSON.stringify(is)} instead of ${JSON.stringify(wanted)}`]

const failuresOf = ({ stop, steps }: Ran): string[] => [
  ...(stop === undefined ? [] : [`it was not run: ${stop}`]),
  ...steps.filter(({ is }) => is === 'failed').map(({ name, text }) => `${name}: ${text}`),
]

const notWell = (ran: Ran): string[] => {
  const failures = failuresOf(ran)
  return failures.length > 0 || ran.health?.ok === true ? failures : [`it did not help: ${ran.health?.text}`]
}

/** AWS as the rehearsal has it, with the alarm's metric, and as unkind about permissions as AWS is. */
function worldOf(
  runbook: Runbook,
  { outside, target = {}, with: options }: Rehearsal,
  { helps, denied }: Fault,
): Rehearsing {
  const { answers, isWell, state } = outside()
  const parsed = runbook.options.parse(options)
  const symptom = symptomOf(parsed, () => helps && isWell())
  const statements = runbook.permissions({ region: PLACE.region, ...target }, parsed, PLACE)
  const allowed = new Set(statements.flatMap(({ actions }) => actions))
  const clock = { now: SINCE }
  const acts: string[] = []
  const snapshot = (): unknown => structuredClone(state())
  const cloud: Tools['cloud'] = {
    async call<Output>(service: string, action: string, input: Record<string, unknown>): Promise<Output> {
      const name = `${service} ${action}`
      await apiWith(service, action, runbook.apis)
      if (!allowed.has(actionOf({ service, action })))
        throw new Refused(`${name}: its role may not do this; write ${actionOf({ service, action })} into permissions`)
      if (name === denied) throw new Refused(`${name}: Tocsin's role may not do this; allow it`)
      const answer = answers[name] ?? symptom[name]
      if (!answer) throw new Refused(`the rehearsal has no answer to ${name}: write it into answers`)
      const before = snapshot()
      const given = structuredClone(answer(input as never)) ?? {}
      if (!isDeepStrictEqual(before, snapshot())) acts.push(name)
      return given as Output
    },
  }
  const evidence = memoryEvidence({ sleep: async (ms) => void (clock.now += ms) })
  return { tools: { ...toolsOf(cloud, clock), evidence }, clock, state: snapshot, acts }
}

/** What the alarm watches, or what `healthyWhen` names. */
function symptomOf(
  options: Health,
  isWell: () => boolean,
): Record<string, (input: { MetricDataQueries: { Id: string }[] }) => unknown> {
  const { below = 1, above } = options.healthyWhen ?? {}
  const [well, ill] = above === undefined ? [below - 0.8, below + 8] : [above + 1, above - 1]
  return {
    'cloudwatch DescribeAlarms': () => ({
      MetricAlarms: [
        {
          AlarmName: ALARM,
          Namespace: 'Rehearsed',
          MetricName: 'Symptom',
          Statistic: 'Average',
          Period: 60,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanThreshold',
        },
      ],
    }),
    'cloudwatch GetMetricData': ({ MetricDataQueries }) => ({
      MetricDataResults: MetricDataQueries.map(({ Id }) => ({ Id, Values: [isWell() ? well : ill] })),
    }),
  }
}
