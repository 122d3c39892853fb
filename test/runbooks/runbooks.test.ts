// Every runbook on every kind of thing: works, does not help, is denied, breaks, crashes after each turn, comes too late; and may do exactly what it does.
import type { Call } from './fakes/cloud.ts'
import { toolsOf } from './fakes/cloud.ts'
import { actionOf } from '../support/iam.ts'
import { drive, type How, type Ran } from './drive.ts'
import type { Runbook } from '../../lambda/runbooks/runbook.ts'
import { aboutOf, SCENARIOS, type Scenario } from './scenarios.ts'
import type { World } from './worlds/world.ts'

interface Went {
  ran: Ran
  world: World
  before: unknown
  /** The state when the runbook says that it is done. */
  done: unknown
}

async function go(scenario: Scenario, helps: boolean, how?: How, prepare?: (world: World) => void): Promise<Went> {
  const world = scenario.world(helps)
  const before = world.state()
  prepare?.(world)
  const spoil = (): void => {
    world.catchUp()
    world.spoil()
  }
  const late = how?.before && { before: spoil }
  const states: unknown[] = []
  const runbook: Runbook = {
    ...scenario.runbook,
    healthy(...args) {
      world.catchUp()
      states.push(world.state())
      return scenario.runbook.healthy(...args)
    },
  }
  const tools = toolsOf(world.cloud, world.clock)
  const ran = await drive(runbook, aboutOf(scenario), tools, world.clock, { ...how, ...late })
  // AWS does in the next seconds what it was asked for in the last one.
  world.clock.now += 5_000
  world.catchUp()
  return { ran, world, before, done: states[0] }
}

const isAct = ({ action, input }: Call): boolean =>
  !/^(Describe|List|Get)/.test(action) &&
  !JSON.stringify(input).includes('"dryRun\\":true') &&
  !/tocsin (free-disk look|state of|memory of)/.test(JSON.stringify(input))

/** Acts by name and how often. */
const actsOf = ({ cloud }: World): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const call of cloud.calls.filter(isAct)) counts[call.action] = (counts[call.action] ?? 0) + 1
  return counts
}

describe.each(SCENARIOS)('$name', (scenario) => {
  const { after, undone = after, steps, spoiled, broken } = scenario

  test('works', async () => {
    const { ran, world, done } = await go(scenario, true)
    expect(ran.stop).toBeUndefined()
    expect(ran.steps.map(({ name, is }) => `${is}: ${name}`)).toEqual(steps.map((name) => `done: ${name}`))
    expect(ran.health?.ok).toBe(true)
    expect(done).toEqual(after)
    expect(world.state()).toEqual(after)
  })

  test('does not help, and is taken back', async () => {
    const { ran, world } = await go(scenario, false)
    expect(ran.health?.ok).toBe(false)
    expect(ran.steps.filter(({ is }) => is === 'failed')).toEqual([])
    expect(world.state()).toEqual(undone)
  })

  test('goes on after a crash at the end of every turn, and does nothing twice', async () => {
    const [once, twice] = [await go(scenario, true), await go(scenario, true, { twice: true })]
    expect([twice.done, twice.world.state()]).toEqual([after, after])
    expect(twice.ran.health?.ok).toBe(true)
    // A user's own function is asked again: it looks for itself. So does a script: what it did shows in the state of the world.
    const isAskedAgain = (name: string): boolean => ['Invoke', 'SendCommand'].includes(name)
    const acts = ({ world }: typeof once) =>
      Object.fromEntries(Object.entries(actsOf(world)).filter(([name]) => !isAskedAgain(name)))
    expect(acts(twice)).toEqual(acts(once))
  })

  test('is taken back after crashes too', async () => {
    const { ran, world } = await go(scenario, false, { twice: true })
    expect(ran.steps.filter(({ is }) => is === 'failed')).toEqual([])
    expect(world.state()).toEqual(undone)
  })

  test('is denied: nothing has changed, and it says what to do', async () => {
    const first = Object.keys(actsOf((await go(scenario, true)).world))
    for (const action of first) {
      const { ran, world, before } = await go(scenario, true, {}, ({ cloud }) => cloud.deny(action))
      const words = [ran.stop, ...ran.steps.filter(({ is }) => is === 'failed').map(({ text }) => text)].join()
      expect(words).toContain(`${action}: Tocsin's role may not do this; allow it`)
      if (action === first[0]) expect(world.state()).toEqual(before)
    }
  })

  test('comes too late', async () => {
    const { ran, world } = await go(scenario, true, { before: () => undefined })
    expect(ran.steps.map(({ text }) => text).join('\n')).toContain(spoiled)
    expect(ran.steps.length).toBeGreaterThan(0)
    expect(Object.keys(actsOf(world)).filter((act) => act === 'StopTask' || act === 'StartInstanceRefresh')).toEqual([])
  })

  if (broken !== undefined)
    test('stops at the first failure', async () => {
      const { ran } = await go(scenario, true, {}, (world) => world.break!())
      expect(ran.steps.find(({ is }) => is === 'failed')?.text).toContain(broken)
    })

  test('the dry run reads only', async () => {
    const world = scenario.world(true)
    const tools = toolsOf(world.cloud, world.clock)
    const about = aboutOf(scenario)
    const { facts, found } = await scenario.runbook.look(tools, about)
    const planned = scenario.runbook.steps(JSON.parse(JSON.stringify(facts)) as never, about)
    expect(found).toMatch(/\d|athena|AWS/)
    expect(planned.every(({ calls, touches, name }) => calls.length > 0 && touches !== '' && name !== '')).toBe(true)
    expect(actsOf(world)).toEqual({})
  })
})

/** No call has this name: these permissions come with another one. */
const COMPANIONS = ['iam:PassRole', 'ecs:TagResource']
const PLACE = { partition: 'aws', account: '111122223333', region: 'eu-west-1' }

describe.each(SCENARIOS)('$name may do exactly what it does', (scenario) => {
  const { runbook, target } = scenario
  const statements = runbook.permissions(target, runbook.options.parse(scenario.options), PLACE)

  test('its calls are what its role allows', async () => {
    const went = [
      await go(scenario, true),
      await go(scenario, false),
      await go(scenario, true, { twice: true }),
      ...(scenario.also ? [await go({ ...scenario, world: scenario.also }, true)] : []),
      ...(scenario.broken === undefined ? [] : [await go(scenario, true, {}, (world) => world.break!())]),
    ]
    const called = new Set(went.flatMap(({ world }) => world.cloud.calls.map(actionOf)))
    const allowed = new Set(
      statements.flatMap(({ actions }) => actions).filter((action) => !COMPANIONS.includes(action)),
    )
    expect([...allowed].sort()).toEqual([...called].sort())
  })

  test('on its own resources only; a star says why', () => {
    for (const { resources, why, actions } of statements) {
      expect({ actions, resources: resources.length > 0 }).toEqual({ actions, resources: true })
      if (resources.includes('*')) expect({ actions, why: why !== undefined }).toEqual({ actions, why: true })
      for (const resource of resources) expect(resource).toMatch(/^\*$|^arn:aws:[a-z0-9]+:/)
    }
  })
})
