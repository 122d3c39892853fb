// Rehearses a runbook as its file says: it works, it does not help, a call is denied, its process dies. Through the real stage, in a durable execution.
import { isDeepStrictEqual } from 'node:util'
import { Died } from '../../drill/world/faults.ts'
import { memoryEvidence } from '../../drill/world/ports/evidence.ts'
import { apiWith } from '../../lambda/adapters/cloud/cloud.ts'
import { runbookMistakes } from '../../lambda/config/runbook-checks.ts'
import { target as targetSchema } from '../../lambda/config/target.ts'
import { reasonOf } from '../../lambda/core/words/words.ts'
import type { Health } from '../../lambda/runbooks/parts/verdict.ts'
import {
  Refused,
  type Case,
  type Look,
  type Rehearsal,
  type Rehearsed,
  type Runbook,
  type Step,
  type Tools,
} from '../../lambda/runbooks/runbook.ts'
import { SINCE, toolsOf, unused } from '../runbooks/fakes/cloud.ts'
import { actionOf } from './iam.ts'
import { offline, setup, teardown } from './offline.ts'
import type { How, Ran } from './run.ts'

const SERVICE = 'rehearsed'
const ALARM = 'rehearsed/symptom'
const PLACE = { partition: 'aws', account: '111122223333', region: 'eu-west-1' }

interface Fault {
  helps?: false
  /** The first of these calls, like `ssm PutParameter`. */
  denied?: string
  /** The process dies after so many acts, before anything of the last one is recorded. */
  diesAfter?: number
}

interface Rehearsing {
  tools: Tools
  clock: { now: number }
  state(): unknown
  /** Calls that changed something, in order. */
  acts: string[]
  /** Calls that are made to change something, whether they did or not. */
  writes: string[]
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

type Check = () => Promise<string[]>

/** Each returns its problems, for whoever writes the runbook. */
export function checksOf(runbook: Runbook, rehearsal: Rehearsal | undefined): Record<string, Check> {
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
  const worldWith = (fault: Fault = {}): Rehearsing => worldOf(runbook, rehearsal, fault)
  const go = async (fault: Fault = {}, how?: How): Promise<{ ran: Ran; world: Rehearsing }> => {
    const world = worldWith(fault)
    return { ran: await offline(runbook, about(), world.tools, world.clock, how), world }
  }
  const looked = async (): Promise<{ look: Look<unknown>; steps: Step[]; world: Rehearsing }> => {
    const world = worldWith()
    const look = checkedLook(await runbook.look(world.tools, about()))
    // As they are kept with the run.
    const facts = JSON.parse(JSON.stringify(look.facts)) as unknown
    if (!isDeepStrictEqual(facts, look.facts))
      throw new Error('facts must be JSON: no dates, no functions, no undefined')
    return { look, steps: look.stop === undefined ? checkedSteps(runbook.steps(facts, about())) : [], world }
  }
  /** All is as before, unless a step that was done has no way back. */
  const notBack = async ({ steps }: Ran, world: Rehearsing): Promise<string[]> => {
    const done = new Set(steps.filter(({ is }) => is === 'done').map(({ name }) => name))
    const hasBack = (await looked()).steps.every(({ name, undo }) => !done.has(name) || undo)
    return hasBack ? unlike(world.state(), worldWith().state(), 'what was done is not taken back') : []
  }

  const checks: Record<string, Check> = {
    'a rule in the config proposes it': async () => {
      const rule = { runbook: runbook.name, when: { service: SERVICE }, with: options }
      const config = { services: { [SERVICE]: { target } }, runbooks: [rule] }
      const mistakes = runbookMistakes(config, new Map([[runbook.name, runbook]]))
      const isAnswer = runbook.signals?.includes(signal) ?? true
      return [
        ...(targetSchema.safeParse(target).error?.issues ?? []).map(
          ({ path, message }) => `target${path.map((key) => `.${String(key)}`).join('')}: ${message}`,
        ),
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
        ...world.writes.map((call) => `the look changes something: ${call}`),
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
      const { ran, world } = await go()
      const idle = world.acts.length === 0 ? ['nothing changed: state() must show what the runbook changes'] : []
      return [...notWell(ran), ...idle]
    },

    'a process that dies after each act leaves the same behind': async () => {
      const alive = await go()
      const problems: string[] = []
      const compare = ({ ran, world }: Awaited<ReturnType<typeof go>>, when: string): void =>
        void problems.push(
          ...notWell(ran).map((problem) => `${when}: ${problem}`),
          ...unlike(world.state(), alive.world.state(), `${when}, it leaves something else behind`),
        )
      compare(await go({}, { twice: true }), 'dead after each turn')
      for (const n of alive.world.acts.keys()) compare(await go({ diesAfter: n + 1 }), `dead after act ${n + 1}`)
      return problems
    },

    'where it does not help, it says so and takes back what can be': async () => {
      const { ran, world } = await go({ helps: false })
      const claims =
        ran.health?.ok === true
          ? [`it claims that it helped: ${ran.health.text}; healthy has to read the metric, as verdict does`]
          : []
      return [...failuresOf(ran), ...claims, ...(await notBack(ran, world))]
    },

    'where a call is denied, it says which and takes back what can be': async () => {
      const problems: string[] = []
      for (const denied of new Set((await go()).world.acts)) {
        const { ran, world } = await go({ denied })
        // The step itself, not what takes it back.
        const isTold = ran.steps.some(
          ({ name, is, text }, place) =>
            is === 'failed' &&
            text.includes(denied) &&
            !ran.steps.slice(0, place).some((before) => before.name === name && before.is === 'done'),
        )
        if (!isTold) problems.push(`nobody learns that ${denied} was denied`)
        problems.push(...(await notBack(ran, world)))
      }
      return problems
    },

    'each step is taken back to where it began': async () => {
      const { steps } = await looked()
      const world = worldWith()
      const problems: string[] = []
      for (const { name, undo, ...step } of steps) {
        const before = world.state()
        await turned(world, step)
        if (!undo) continue
        const after = world.state()
        await turned(world, undo)
        problems.push(...unlike(world.state(), before, `${name}: what takes it back ends elsewhere`))
        await turned(world, step)
        problems.push(...unlike(world.state(), after, `${name}: done again, it ends elsewhere`))
      }
      return problems
    },

    'a permission on everything says why AWS allows nothing narrower': async () =>
      permissionsOf(runbook, rehearsal)
        .filter(({ resources, why }) => resources.includes('*') && why === undefined)
        .map(({ actions }) => `${actions.join(', ')} on *: name the resources, or say why`),
  }
  const isRight = runbook.options.safeParse(options).success
  return Object.fromEntries(
    Object.entries(checks).map(([name, check], place): [string, Check] => [
      name,
      // Wrong options are the first check's; the others would only repeat it.
      async () => (place > 0 && !isRight ? [] : check().catch((error: unknown) => [reasonOf(error)])),
    ]),
  )
}

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

/** More turns than any rehearsal needs. */
const TURNS_MOST = 1000

async function turned({ tools, clock }: Rehearsing, { turn }: Pick<Step, 'turn'>): Promise<void> {
  let state: unknown
  for (let count = 0; count < TURNS_MOST; count++) {
    const went = await turn(tools, state)
    if ('done' in went) return
    clock.now += went.againInSeconds * 1000
    state = went.state
  }
  throw new Error(`it is not done after ${TURNS_MOST} turns`)
}

function checkedLook(look: Look<unknown> | undefined): Look<unknown> {
  if (typeof look?.found !== 'string' || look.facts === undefined)
    throw new Error('look must return { found, facts, scope }, found as a sentence')
  return look
}

function checkedSteps(steps: Step[]): Step[] {
  const isStep = ({ name, calls, touches, turn }: Step): boolean =>
    typeof name === 'string' && Array.isArray(calls) && typeof touches === 'string' && typeof turn === 'function'
  if (Array.isArray(steps) && steps.every(isStep)) return steps
  throw new Error('steps must return a list, not a promise, of { name, calls: […], touches: "…", turn() }')
}

function permissionsOf(runbook: Runbook, { target = {}, with: options }: Rehearsal) {
  const statements = runbook.permissions({ region: PLACE.region, ...target }, runbook.options.parse(options), PLACE)
  if (!Array.isArray(statements)) throw new Error('permissions must return a list, not a promise')
  return statements
}

function outsideOf({ outside }: Rehearsal): Rehearsed {
  const made = outside()
  if (typeof made?.answers !== 'object' || typeof made.isWell !== 'function' || typeof made.state !== 'function')
    throw new Error('outside must return { answers, isWell(), state() }, not a promise')
  const odd = Object.keys(made.answers).find((name) => !/^\S+ \w+$/.test(name))
  if (odd !== undefined) throw new Error(`answers has the key ${JSON.stringify(odd)}: write it like 'ssm GetParameter'`)
  return made
}

/** Of services whose calls that only read begin in another way, the first words of those. */
const READS = /^(Describe|List|Get|BatchGet|Query|Scan|Search|Select|Head|Lookup|Test|Validate|Check|Invoke)/

/** AWS as the rehearsal has it, with the alarm's metric, and as unkind about permissions as AWS is. */
function worldOf(runbook: Runbook, rehearsal: Rehearsal, { helps, denied, diesAfter }: Fault): Rehearsing {
  const { answers, isWell, state } = outsideOf(rehearsal)
  const symptom = symptomOf(runbook.options.parse(rehearsal.with), () => helps !== false && isWell())
  const allowed = new Set(permissionsOf(runbook, rehearsal).flatMap(({ actions }) => actions))
  const clock = { now: SINCE }
  const acts: string[] = []
  const writes: string[] = []
  let isDenied = false
  const snapshot = (): unknown => structuredClone(state())
  const cloud: Tools['cloud'] = {
    async call<Output>(service: string, action: string, input: Record<string, unknown>): Promise<Output> {
      const name = `${service} ${action}`
      await apiWith(service, action, runbook.apis)
      if (!allowed.has(actionOf({ service, action })))
        throw new Refused(`${name}: its role may not do this; write ${actionOf({ service, action })} into permissions`)
      if (!READS.test(action)) writes.push(name)
      if (name === denied && !isDenied) {
        isDenied = true
        throw new Refused(`${name}: Tocsin's role may not do this; allow it`)
      }
      const answer = answers[name] ?? symptom[name]
      if (!answer) throw new Refused(`the rehearsal has no answer to ${name}: write it into answers`)
      const before = snapshot()
      const given: unknown = await answer(input as never)
      if (!isDeepStrictEqual(before, snapshot())) {
        acts.push(name)
        if (acts.length === diesAfter) throw new Died(`after ${name}`)
      }
      return (structuredClone(given) ?? {}) as Output
    },
  }
  const evidence = runbook.keepsEvidence
    ? memoryEvidence({ sleep: async (ms) => void (clock.now += ms) })
    : unused('evidence without keepsEvidence')
  return { tools: { ...toolsOf(cloud, clock), evidence }, clock, state: snapshot, acts, writes }
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
