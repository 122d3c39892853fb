// A small world of services that runs on a clock: what is in it, what goes wrong, what its metrics and alarms say, and whether it is well.
import { alarmsOf, breaches, type Alarms } from './measure/alarms.ts'
import { brokerOf, type SimulatedBroker } from './broker/broker.ts'
import { sqsOf, type SimulatedSqs } from './broker/sqs.ts'
import { databaseOf, tickDatabase, type Database } from './databases.ts'
import { happen, tellHappening, tellOver } from './happenings.ts'
import { machineOf, type Machine } from './machines.ts'
import { read } from './measure/measures.ts'
import { metricsOf, type Metrics } from './measure/metrics.ts'
import type { Plan } from './plan/schema.ts'
import type { HealthyPlan, Measure } from './plan/schema-watch.ts'
import type { Outcome } from './service/outcomes.ts'
import { serviceOf, type Around, type SimulatedService } from './service/service.ts'
import { statistic } from './measure/statistics.ts'

export interface SimulatedWorld {
  readonly plan: Plan
  /** Seconds since its start. */
  second: number
  readonly brokers: ReadonlyMap<string, SimulatedBroker>
  readonly sqs: ReadonlyMap<string, SimulatedSqs>
  readonly services: ReadonlyMap<string, SimulatedService>
  readonly machines: ReadonlyMap<string, Machine>
  readonly databases: ReadonlyMap<string, Database>
  /** SSM parameters. */
  readonly parameters: Map<string, string>
  readonly metrics: Metrics
  readonly alarms: Alarms
  /** Fixes have no effect, although every call succeeds. */
  incurable: boolean
  /** What happened by itself, second by second. */
  readonly story: { at: number; text: string }[]
  /** Advances by one second. Returns EventBridge's events for the alarms that changed. */
  tick(): object[]
  /** What is not well now; empty: it is healthy. */
  complaints(): string[]
  /** Every event has begun, and those with an end are over. */
  settled(): boolean
  value(measure: Measure, stat: string, period: number): number | undefined
}

const BROKER_ANSWERS: readonly Outcome[] = [{ share: 1, seconds: 0.004, ok: true }]
/** A blocked connection gets no confirm. https://www.rabbitmq.com/docs/alarms */
const BROKER_BLOCKS: readonly Outcome[] = [{ share: 1, seconds: Infinity, ok: false }]

export function simulate(plan: Plan): SimulatedWorld {
  const parameters = new Map(Object.entries(plan.parameters))
  for (const { calls } of Object.values(plan.services))
    for (const { timeoutFrom: from, timeoutSeconds } of calls)
      if (from?.parameter !== undefined && !parameters.has(from.parameter))
        parameters.set(from.parameter, String(from.unit === 'milliseconds' ? timeoutSeconds * 1000 : timeoutSeconds))

  let asked = new Map<string, number>()
  const around: Around = {
    seed: plan.seed,
    parameter: (name) => parameters.get(name),
    asks: (id, perSecond) => void asked.set(id, (asked.get(id) ?? 0) + perSecond),
    outcomesOf: (id) =>
      brokers.has(id) ? (brokers.get(id)!.blocked() ? BROKER_BLOCKS : BROKER_ANSWERS) : services.get(id)!.outcomes(),
    isFull: (instance) => machines.get(instance)?.isFull() ?? false,
  }
  const entries = <T>(part: Record<string, T>): [string, T][] => Object.entries(part)
  const brokers = new Map(entries(plan.brokers).map(([id, one]) => [id, brokerOf(id, one, plan.seed)]))
  const sqs = new Map(entries(plan.sqs).map(([id, one]) => [id, sqsOf(id, one, plan.seed)]))
  const services = new Map(entries(plan.services).map(([id, one]) => [id, serviceOf(id, one, around)]))
  const machines = new Map(entries(plan.instances).map(([id, one]) => [id, machineOf(id, one)]))
  const databases = new Map(entries(plan.databases).map(([id, one]) => [id, databaseOf(one)]))
  const metrics = metricsOf(plan)
  const alarms = alarmsOf(plan, metrics)
  const due = plan.events.map((event) => ({ at: event.at, act: () => begin(event) }))

  const begin = (event: Plan['events'][number]): void => {
    const undo = happen(world, event)
    world.story.push({ at: world.second, text: tellHappening(event) })
    if ('forSeconds' in event && event.forSeconds !== undefined)
      due.push({
        at: world.second + event.forSeconds,
        act: () => {
          undo()
          world.story.push({ at: world.second, text: tellOver(event) })
        },
      })
  }

  const world: SimulatedWorld = {
    plan,
    second: 0,
    brokers,
    sqs,
    services,
    machines,
    databases,
    parameters,
    metrics,
    alarms,
    incurable: false,
    story: [],
    tick() {
      world.second++
      for (const one of due.filter(({ at }) => at <= world.second)) {
        due.splice(due.indexOf(one), 1)
        one.act()
      }
      for (const service of services.values()) service.incurable = world.incurable
      for (const broker of brokers.values()) broker.tick(world.second)
      for (const queue of sqs.values()) queue.tick(world.second)
      for (const machine of machines.values()) machine.tick(world.second)
      for (const database of databases.values()) tickDatabase(database, world.second)
      const arriving = asked
      asked = new Map()
      for (const service of services.values()) service.tick(world.second, arriving.get(service.id) ?? 0)
      metrics.collect(world)
      return alarms.tick(world.second)
    },
    complaints: () => (plan.healthy ?? []).flatMap(complaintOf).concat(plan.healthy ? [] : alarmed()),
    settled: () => due.length === 0,
    value(measure, stat, period) {
      const samples = read(world, measure)
      const value = statistic(samples, stat)
      // A sum over a period, estimated from one second of it.
      return stat === 'Sum' && value !== undefined ? value * period : value
    },
  }

  const complaintOf = ({ measures, above, below }: HealthyPlan): string[] => {
    const value = world.value(measures, measures.value === 'latencySeconds' ? 'p99' : 'Average', 1)
    if (value === undefined || (above !== undefined ? value > above : value < below!)) return []
    return [`${nameOf(measures)} is ${round(value)}, not ${above !== undefined ? `above ${above}` : `below ${below}`}`]
  }

  /** What the alarms measure, as it is in this second. */
  const alarmed = (): string[] =>
    alarms.all.flatMap(({ name, plan: alarm, metric }) => {
      const measures = metrics.measureOf(metric)!
      const value = world.value(measures, alarm.stat, alarm.period)
      return value !== undefined && breaches(alarm, value) ? [`${name}: ${nameOf(measures)} is ${round(value)}`] : []
    })
  return world
}

const round = (value: number): string => String(Number(value.toPrecision(4)))

/** `campaign-jobs messages`, `athena latencySeconds`. */
export const nameOf = (measure: Measure): string =>
  [...Object.entries(measure).flatMap(([key, value]) => (key === 'value' ? [] : [value])), measure.value].join(' ')
