// A service of the simulated world: requests in flight follow Little's law, and when all places are taken, callers fail.
import { describe, expect, test } from '@jest/globals'
import { simulate, type SimulatedWorld } from '../../drill/world/world.ts'
import type { WorldInput } from '../../drill/world/plan/schema.ts'
import { planOf, runFor } from './worlds.ts'

const athena = (
  change: object = {},
  events: WorldInput['events'] = [{ at: 1, does: 'say', text: 'go' }],
): SimulatedWorld =>
  simulate(
    planOf({
      services: {
        db: { workSeconds: 0.01 },
        athena: {
          requestsPerSecond: 20,
          workSeconds: 0.1,
          concurrency: 50,
          calls: [{ to: 'db', timeoutSeconds: 60, timeoutFrom: { environment: 'TIMEOUT' } }],
          workers: { count: 4, startSeconds: 10 },
          ecs: { cluster: 'ml', service: 'athena' },
          ...change,
        },
        web: { requestsPerSecond: 0, calls: [{ to: 'athena', timeoutSeconds: 10 }] },
      },
      events,
    }),
  )

const inFlight = (world: SimulatedWorld): number => world.value({ service: 'athena', value: 'inFlight' }, 'Average', 1)!
const errors = (world: SimulatedWorld): number => world.value({ service: 'athena', value: 'errors' }, 'Average', 1)!
const p99 = (world: SimulatedWorld, service = 'athena'): number =>
  world.value({ service, value: 'latencySeconds' }, 'p99', 1)!

describe('requests', () => {
  test('in flight are their rate times their latency', () => {
    const world = athena({ workSeconds: 0.5, concurrency: undefined })
    runFor(world, 60)
    expect(inFlight(world)).toBeGreaterThan(20 * 0.5 * 0.9)
    expect(inFlight(world)).toBeLessThan(20 * 0.53 * 1.1)
    const slow = athena({}, [{ at: 5, does: 'work', service: 'db', seconds: 4 }])
    runFor(slow, 60)
    expect(inFlight(slow)).toBeGreaterThan(20 * 4 * 0.85)
    expect(inFlight(slow)).toBeLessThan(20 * 4.2 * 1.15)
  })

  test('that get no answer keep their places for the whole timeout, until none is free', () => {
    const world = athena({}, [{ at: 10, does: 'hang', service: 'athena', to: 'db', percent: 30 }])
    runFor(world, 10 + 20)
    expect(errors(world)).toBe(0)
    expect(inFlight(world)).toBeGreaterThan(100)
    runFor(world, 60)
    expect(inFlight(world)).toBeGreaterThan(198)
    expect(errors(world)).toBeGreaterThan(5)
    expect(p99(world)).toBeGreaterThan(59)
  })

  test('of callers wait no longer than the timeout of the caller', () => {
    const world = athena({}, [
      { at: 10, does: 'hang', service: 'athena', to: 'db', percent: 20 },
      { at: 1, does: 'requests', service: 'web', perSecond: 5 },
    ])
    runFor(world, 30)
    expect(p99(world, 'web')).toBeGreaterThan(9)
    expect(p99(world, 'web')).toBeLessThan(10.5)
  })
})

describe('dead connections', () => {
  const sticking = () =>
    athena({}, [{ at: 10, forSeconds: 30, does: 'hang', service: 'athena', to: 'db', percent: 30, sticks: true }])

  test('stay when their cause is over, and go with a restart', () => {
    const world = sticking()
    runFor(world, 200)
    expect(inFlight(world)).toBeGreaterThan(190)
    const { fleet } = world.services.get('athena')!
    fleet.deploy(fleet.deployments[0]!.revision, world.second)
    runFor(world, 60)
    expect(fleet.deployments).toMatchObject([{ state: 'COMPLETED' }])
    expect(inFlight(world)).toBeLessThan(5)
    expect(errors(world)).toBe(0)
  })

  test('hurt less with a smaller timeout, also while their cause lasts', () => {
    const world = athena({}, [{ at: 10, does: 'hang', service: 'athena', to: 'db', percent: 30 }])
    const service = world.services.get('athena')!
    runFor(world, 120)
    service.fleet.deploy(service.newRevision({ environment: { TIMEOUT: '5' } }), world.second)
    runFor(world, 60)
    expect(inFlight(world)).toBeLessThan(20 * 0.3 * 5 + 10)
    expect(p99(world)).toBeLessThan(6)
  })

  test('come again where nothing helps', () => {
    const world = sticking()
    runFor(world, 200)
    world.incurable = true
    const { fleet } = world.services.get('athena')!
    fleet.deploy(fleet.deployments[0]!.revision, world.second)
    runFor(world, 120)
    expect(inFlight(world)).toBeGreaterThan(150)
  })
})

describe('workers', () => {
  test('are replaced as the deployment says: never fewer than the minimum, never more than the maximum', () => {
    const world = athena({ ecs: { cluster: 'ml', service: 'athena', minimumHealthyPercent: 75, maximumPercent: 125 } })
    const { fleet } = world.services.get('athena')!
    runFor(world, 5)
    fleet.deploy(fleet.deployments[0]!.revision, world.second)
    const ready: number[] = []
    const all: number[] = []
    for (let i = 0; i < 90; i++) {
      world.tick()
      ready.push(fleet.ready().length)
      all.push(fleet.workers.filter(({ state }) => state !== 'stopping').length)
    }
    expect(Math.min(...ready)).toBe(3)
    expect(Math.max(...all)).toBe(5)
    expect(fleet.deployments).toMatchObject([{ state: 'COMPLETED' }])
    expect(fleet.workers).toHaveLength(4)
  })

  test('that leak are killed at their limit, and another takes their place', () => {
    const world = athena({ workers: { count: 2, memoryMiB: 300, memoryBaseMiB: 100, startSeconds: 10 } }, [
      { at: 1, does: 'leak', service: 'athena', mibPerSecond: 4 },
    ])
    const { fleet } = world.services.get('athena')!
    runFor(world, 60)
    expect(fleet.gone).toMatchObject([{ why: 'out of memory' }])
    runFor(world, 25)
    expect(fleet.workers.filter(({ state }) => state !== 'stopping')).toHaveLength(2)
  })

  test('on a machine whose disk is full fail every request', () => {
    const world = simulate(
      planOf({
        services: { billing: { requestsPerSecond: 5, systemd: { unit: 'billing', instances: ['i-1'] } } },
        instances: { 'i-1': { disks: { '/': { sizeMiB: 1000, folders: { '/var/log': 900 } } } } },
        events: [{ at: 5, does: 'write', instance: 'i-1', folder: '/var/log', mibPerSecond: 50 }],
      }),
    )
    const failed = () => world.value({ service: 'billing', value: 'errors' }, 'Average', 1)
    runFor(world, 4)
    expect(failed()).toBe(0)
    runFor(world, 5)
    expect(failed()).toBe(5)
  })
})
