// Asks one of the user's Lambda functions what it would do, then asks it to do it. JSON in, JSON out.
import * as z from 'zod'
import { Refused, type Tools } from '../../ports/tools.ts'
import { arnOf } from '../parts/arn.ts'
import { lockOf } from '../parts/kind.ts'
import { merged } from '../parts/metric.ts'
import { whyNot, type Precondition } from '../parts/precondition.ts'
import { health, verdict, verdictPermissions, type Health } from '../parts/verdict.ts'
import { defineRunbook, type Case, type Place, type Step } from '../runbook.ts'

interface Options extends Health {
  function?: string | undefined
  input: Record<string, unknown>
  undo: boolean
  withinSeconds: number
}

const options = z.strictObject({
  // Lambda: letters, digits, - and _; a version or alias after a colon.
  function: z
    .string()
    .regex(
      /^(arn:[\w-]+:lambda:[\w-]+:\d{12}:function:)?[\w-]{1,64}(:[\w$-]+)?$/,
      'is neither the name nor the ARN of a function',
    )
    .optional()
    .describe("By default the target's"),
  input: z.record(z.string(), z.unknown()).default({}).describe('Handed to the function as it is'),
  undo: z.boolean().default(false).describe('It is asked to take back what it did when that did not help'),
  withinSeconds: z.number().int().min(10).max(43_200).default(900),
  ...health,
})

const text = z.string().min(1).max(500)
const saw = z.object({
  found: text,
  stop: text.optional(),
  calls: z.array(text).max(20).default([]),
  touches: text.default('what the function touches'),
  facts: z.unknown().optional(),
  scope: z
    .object({
      words: text.optional(),
      on: z.record(text, text).optional(),
      bounds: z.record(text, z.number()).optional(),
    })
    .optional(),
})
const did = z.union([
  z.object({ done: text }),
  z.object({ going: text, againInSeconds: z.number().min(1).max(3600).default(10), state: z.unknown().optional() }),
])

type Saw = z.output<typeof saw>

export const invokeFunction = defineRunbook<Options, Saw>({
  name: 'invoke-function',
  title: 'Ask your function to fix it',
  needs: [],
  lacks: ({ lambda }, options) =>
    lambda || options.function !== undefined ? undefined : 'it needs target.lambda.function, or the option "function"',
  destructive: false,
  options,
  lock: lockOf,
  permissions: (target, options, place) =>
    merged([
      {
        actions: ['lambda:InvokeFunction'],
        resources: [arnIn(place, functionOf({ target, options }))],
      },
      ...verdictPermissions(options, place),
    ]),

  async look(tools, about) {
    const facts = await ask(tools, about, saw, { phase: 'look', dryRun: true })
    const { words = facts.touches, on, bounds } = facts.scope ?? {}
    const scope = { words, on: { ...on, function: functionOf(about) }, ...(bounds && { bounds }) }
    const stop = SAYS_STOP.stops(facts)
    return { found: facts.found, facts, scope, ...(stop !== undefined && { stop }) }
  },

  steps: (facts, about) => [actStep(facts, about)],
  healthy: (tools, about) => verdict(tools, about),
})

const functionOf = ({ target, options }: Pick<Case<Options>, 'target' | 'options'>): string =>
  options.function ?? target.lambda!.function

const arnIn = (place: Place, name: string): string =>
  name.startsWith('arn:') ? name : arnOf(place, 'lambda', `function:${name}`)

function actStep({ calls, touches, facts }: Saw, about: Case<Options>): Step {
  const name = functionOf(about)
  const act =
    (phase: 'act' | 'undo'): Step['turn'] =>
    (tools, state) =>
      ask(tools, about, did, { phase, dryRun: false, facts, ...(state !== undefined && { state }) })
  return {
    name: `Ask ${name}`,
    calls: [`lambda Invoke ${name}`, ...calls],
    touches,
    withinSeconds: about.options.withinSeconds,
    turn: act('act'),
    ...(about.options.undo && {
      undo: {
        name: `Ask ${name} to take it back`,
        calls: [`lambda Invoke ${name}`],
        touches,
        withinSeconds: about.options.withinSeconds,
        turn: act('undo'),
      },
    }),
  }
}

interface Answer {
  FunctionError?: string
  Payload?: Uint8Array | string
}

async function ask<T>(
  tools: Tools,
  about: Case<Options>,
  shape: z.ZodType<T>,
  question: Record<string, unknown>,
): Promise<T> {
  const { run, service, signals, alarm, options, approved } = about
  const name = functionOf(about)
  const { FunctionError, Payload } = await tools.cloud.call<Answer>('lambda', 'Invoke', {
    // Lambda: a name or an ARN, a version or alias after it.
    FunctionName: name,
    Payload: JSON.stringify({
      ...question,
      run,
      service,
      signals,
      alarm,
      input: options.input,
      ...(approved && { approved }),
    }),
  })
  const answer = read(typeof Payload === 'string' ? Payload : new TextDecoder().decode(Payload ?? new Uint8Array()))
  const checked = shape.safeParse(answer)
  const why = whyNot(ANSWERS, {
    name,
    answer,
    ...(FunctionError !== undefined && { FunctionError }),
    error: checked.error,
  })
  if (why !== undefined) throw new Refused(why)
  return checked.data!
}

interface Answered {
  name: string
  FunctionError?: string
  answer: unknown
  /** What its shape lacks. */
  error: z.ZodError | undefined
}

const ANSWERS: readonly Precondition<[Answered]>[] = [
  {
    field: 'FunctionError of Invoke',
    must: 'is missing',
    stops: ({ name, FunctionError, answer }) =>
      FunctionError === undefined ? undefined : `${name} failed: ${messageOf(answer)}`,
  },
  {
    field: 'Payload of Invoke',
    must: 'is JSON of the shape above',
    stops: ({ name, error }) =>
      error === undefined ? undefined : `${name} gave an answer that Tocsin cannot read: ${problem(error)}`,
  },
]

const SAYS_STOP: Precondition<[Saw]> = {
  field: '`stop` of its answer',
  must: 'is missing',
  stops: ({ stop }) => stop,
}

/** In each phase, and of the dry run. */
export const PRECONDITIONS = [...ANSWERS, SAYS_STOP]

function read(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const messageOf = (answer: unknown): string => {
  const message = (answer as { errorMessage?: unknown } | null)?.errorMessage
  return typeof message === 'string' ? message.slice(0, 200) : 'it gave no reason'
}

const problem = ({ issues: [issue] }: z.ZodError): string =>
  `${issue!.path.join('.') || 'the answer'}: ${issue!.message}`
