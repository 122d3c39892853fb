// A service hangs: its tasks are restarted batch by batch, on the emulator's ECS, where a task is a record, not a container.
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs'
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { createAlarm, type TestAlarm } from '../support/alarms.ts'
import { check, eventually, same, type Step } from '../support/steps.ts'
import { every } from './every.ts'
import { approve, helped, lines, proposal } from './proposal.ts'
import { ECS, type World } from './world.ts'

const SERVICE = 'athena'
const TASKS = 4
const EVERY_MS = 2_000
const LATENCY: TestAlarm = {
  name: 'athena latency',
  namespace: 'Athena',
  metric: 'Latency',
  dimensions: { service: SERVICE },
  threshold: 2,
}
const [WELL_SECONDS, HANGING_SECONDS] = [0.2, 60]

const tasksOf = async ({ aws }: World): Promise<string[]> => {
  const { cluster, service: serviceName } = ECS
  return (await aws.ecs.send(new ListTasksCommand({ cluster, serviceName }))).taskArns ?? []
}

let hanging: string[] = []

/** Latency depends on the tasks: those that were there before hang, new ones are fine. */
async function publish(world: World): Promise<void> {
  const tasks = await tasksOf(world)
  const share = tasks.filter((task) => hanging.includes(task)).length / Math.max(1, tasks.length)
  const Value = WELL_SECONDS + share * (HANGING_SECONDS - WELL_SECONDS)
  const MetricData = [{ MetricName: LATENCY.metric, Value, Dimensions: [{ Name: 'service', Value: SERVICE }] }]
  await world.aws.cloudWatch.send(new PutMetricDataCommand({ Namespace: LATENCY.namespace, MetricData }))
}

export const hangs: Step<World>[] = [
  {
    does: `beside it, ECS runs ${TASKS} tasks of Athena`,
    async run(world) {
      const { ecs } = world.aws
      await ecs.send(new CreateClusterCommand({ clusterName: ECS.cluster }))
      const containerDefinitions = [{ name: 'app', image: 'athena:1', memory: 128, essential: true }]
      await ecs.send(new RegisterTaskDefinitionCommand({ family: 'athena', containerDefinitions }))
      const { cluster, service: serviceName } = ECS
      await ecs.send(new CreateServiceCommand({ cluster, serviceName, taskDefinition: 'athena', desiredCount: TASKS }))
      hanging = await eventually('its tasks run', async () => {
        const tasks = await tasksOf(world)
        return tasks.length === TASKS ? tasks : undefined
      })
    },
  },
  {
    does: 'all of them hang, the alarm on its latency fires: an incident of its own, with a proposal; Ana approves it',
    async run(world) {
      await createAlarm(world.aws, LATENCY)
      world.closes.push(every(EVERY_MS, () => publish(world)))
      const message = await proposal(world, SERVICE)
      await approve(world, SERVICE)
      return lines(message).join('\n')
    },
  },
]

export const restarted: Step<World>[] = [
  {
    does: 'meanwhile Athena was restarted, batch by batch, and the alarm has recovered: it helped',
    async run(world) {
      const message = await helped(world, SERVICE, 180)
      const now = await tasksOf(world)
      same('tasks', now.length, TASKS)
      check(!now.some((task) => hanging.includes(task)), 'a task from before still runs')
      const { services = [] } = await world.aws.ecs.send(
        new DescribeServicesCommand({ cluster: ECS.cluster, services: [ECS.service] }),
      )
      same('tasks that are wanted', services[0]?.desiredCount, TASKS)
      return [
        ...lines(message),
        'Here a task is a record, no container: the calls are real, what they restart is not.',
      ].join('\n')
    },
  },
]
