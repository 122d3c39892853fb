// Time inside and outside a step of the journal, in an execution that Lambda suspends at each wait and replays from the start.
import * as z from 'zod'
import { mostSeconds, spacingOf, verifyAgainAfter, whyTooLong } from '../../lambda/stages/running/pace.ts'
import { defineRunbook, type Case, type Runbook, type Step } from '../../lambda/runbooks/runbook.ts'
import { Died } from '../../drill/world/faults.ts'
import { durably } from '../../replay/journal.ts'
import { runOf, type Ran } from '../support/run.ts'

const NOON = Date.parse('2024-05-14T12:00:00Z')
const NAME = 'close-valve'

interface Parts {
  /** Why nothing may be done, if anything. */
  look?: (about: Case<Record<string, unknown>>) => string | undefined
  /** What it would act on, at each look. */
  valve?: () => string
  turn?: (count: number) => Awaited<ReturnType<Step['turn']>>
  healthy?: () => boolean
  step?: Partial<Step>
}

const recipe = ({
  look = () => undefined,
  valve = () => 'cellar',
  turn = () => ({ done: 'closed' }),
  healthy = () => true,
  step,
}: Parts) => {
  let turns = 0
  return defineRunbook<Record<string, unknown>, { open: number }>({
    name: NAME,
    title: 'Close the valve',
    needs: [],
    destructive: false,
    options: z.strictObject({}),
    lock: () => 'valve',
    permissions: () => [],
    async look(_tools, about) {
      const stop = look(about)
      return {
        found: 'the valve is open',
        facts: { open: 3 },
        ...(stop !== undefined && { stop }),
        scope: { words: 'the valve', on: { valve: valve() } },
      }
    },
    steps: () => [{ name: 'Close the valve', calls: [], touches: '1 valve', turn: async () => turn(++turns), ...step }],
    healthy: async () => ({ ok: healthy(), text: 'looked at' }),
    verifySeconds: 60,
  })
}

interface Played {
  ran: Ran
  seconds: number
}

/** Each wait ends the process, as Lambda does; everything before it is replayed. `dies`: once after this step, before that is written down. */
async function play(runbook: Runbook, dies?: string): Promise<Played> {
  const clock = { now: NOON }
  const about = {
    run: 'INC-0001-1',
    service: 'cellar',
    target: {},
    options: {},
    since: NOON,
    signals: ['disk' as const],
    alarm: { name: 'cellar/water', dimensions: {} },
  }
  const sleep = async (ms: number): Promise<void> => void (clock.now += ms)
  const ran = await runOf({ runbook, about, tools: {} as never, clock }, {}, (run) => {
    const suspended = new Set<string>()
    return durably(
      { now: () => clock.now, sleep },
      (journal) =>
        run({
          ...journal,
          step: (name, act) =>
            journal.step(name, async () => {
              const result = await act()
              if (name !== dies || suspended.has(name)) return result
              suspended.add(name)
              throw new Died(name)
            }),
          async wait(name, seconds) {
            await journal.wait(name, seconds)
            if (suspended.has(name)) return
            suspended.add(name)
            await journal.step(`${name} suspends`, () => Promise.reject(new Died(name)))
          },
        }),
      (error) => error instanceof Died,
    )
  })
  return { ran, seconds: (clock.now - NOON) / 1000 }
}

const fail = (why: string): never => {
  throw new Error(why)
}

test('a check that throws each time is over when its time is', async () => {
  const { ran, seconds } = await play(recipe({ healthy: () => fail('socket hang up') }))
  expect(ran.health).toEqual({
    ok: false,
    text: expect.stringContaining('not healthy 60 s later: socket hang up') as string,
  })
  expect(seconds).toBeLessThan(240)
})

test('so is one that throws now and then', async () => {
  let count = 0
  const { ran, seconds } = await play(recipe({ healthy: () => (++count % 9 === 0 ? false : fail('throttled')) }))
  expect(ran.health?.ok).toBe(false)
  expect(seconds).toBeLessThan(240)
})

test('a step that throws each time has failed once, for the reason that it threw', async () => {
  const { ran } = await play(recipe({ turn: () => fail('ThrottlingException: slow down') }))
  expect(ran.steps).toEqual([{ name: 'Close the valve', is: 'failed', text: 'ThrottlingException: slow down' }])
})

test('a step that never ends has failed when its time is over, although it threw in between', async () => {
  const turn: Parts['turn'] = (count) =>
    count % 3 === 0 ? fail('hiccup') : { going: 'it turns', againInSeconds: 20, state: count }
  const { ran, seconds } = await play(recipe({ turn, step: { withinSeconds: 300 } }))
  expect(ran.steps).toEqual([{ name: 'Close the valve', is: 'failed', text: 'not done within 300 s' }])
  expect(seconds).toBeLessThan(600)
})

test('a look that throws each time says why', async () => {
  const { ran } = await play(recipe({ look: () => fail('connect ETIMEDOUT 10.0.0.1:443') }))
  expect(ran.stop).toBe('it could not look: connect ETIMEDOUT 10.0.0.1:443')
})

test('a look before the act that throws each time says why, and nothing is done', async () => {
  let looks = 0
  const { ran } = await play(recipe({ look: () => (++looks > 1 ? fail('connect ETIMEDOUT') : undefined) }))
  expect(ran).toMatchObject({ stop: 'it could not look: connect ETIMEDOUT', steps: [] })
})

test.each([
  ['is about something else', { valve: (n: number) => (n > 2 ? 'attic' : 'cellar') }],
  ['throws', { valve: (n: number) => (n > 2 ? fail('gone') : 'cellar') }],
])('a run that had begun, and whose next look after a crash %s, does nothing', async (_, { valve }) => {
  let [looks, turns] = [0, 0]
  const turn: Parts['turn'] = () => ({ done: `turned ${++turns}` })
  const { ran } = await play(recipe({ valve: () => valve(++looks), turn }), 'begin')
  expect([looks > 2, turns, ran.steps]).toEqual([true, 0, []])
})

const step = (withinSeconds: number, undo = false): Step => ({
  name: 'copy',
  calls: [],
  touches: '',
  withinSeconds,
  turn: async () => ({ done: '' }),
  ...(undo && { undo: { name: 'back', calls: [], touches: '', withinSeconds, turn: async () => ({ done: '' }) } }),
})

test('what is over is not done under another name: people are asked', async () => {
  let turns = 0
  const look: Parts['look'] = ({ approved }) => (approved ? 'that one is closed' : undefined)
  await play(recipe({ look, turn: () => ({ done: `turned ${++turns}` }) }))
  expect(turns).toBe(0)
})

test('a run that Lambda would end midway does not begin', async () => {
  const { ran } = await play(recipe({ step: { withinSeconds: 90_000 } }))
  expect(ran.stop).toBe('it may take 26 hours, and Lambda ends a run after 24: let it do less at a time')
})

test.each([
  [86_400, undefined],
  [86_401, 'it may take 25 hours, and Lambda ends a run after 24: let it do less at a time'],
])('%d seconds fit: %s', (seconds, why) => expect(whyTooLong(seconds)).toBe(why))

describe('an execution has 3,000 operations', () => {
  /** Looks of all steps and ways back that take all their time and want to look every second, each with its wait. */
  function operations(steps: Step[]): number {
    let count = 0
    for (const { withinSeconds = 900, undo } of steps)
      for (const within of undo ? [withinSeconds, undo.withinSeconds ?? 900] : [withinSeconds])
        for (let [at, looks] = [0, 1]; at <= within; at += Math.max(1, Math.ceil(spacingOf(steps, looks++)))) count += 2
    return count
  }
  const verifying = (within: number): number => {
    let count = 0
    for (let at = 0; at < within; at += verifyAgainAfter(at)) count += 2
    return count
  }

  test.each<[string, Step[]]>([
    ['a day of copying', [step(80_000)]],
    ['three long steps with ways back', [step(14_000, true), step(14_000, true), step(14_000, true)]],
    ['five of the usual ones', [900, 900, 900, 900, 900].map((within) => step(within, true))],
    ['forty short ones', Array.from({ length: 40 }, () => step(600))],
    ['half a day, and a short one', [step(43_200), step(60)]],
  ])('%s: enough', (_, steps) => {
    expect(whyTooLong(mostSeconds(recipe({}), steps))).toBeUndefined()
    expect(operations(steps) + verifying(600) + 20).toBeLessThanOrEqual(3_000)
  })

  test('a day of checks whether it helped takes few', () => expect(verifying(86_400)).toBeLessThan(900))

  test('and a step looks as often as it wants at first', () => {
    expect(spacingOf([step(80_000)], 50)).toBe(0)
    expect(spacingOf([step(80_000)], 51)).toBeGreaterThan(40)
  })
})
