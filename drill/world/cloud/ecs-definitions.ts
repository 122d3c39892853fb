// ECS task definitions: those that services of this world began with, and those that were registered since.
import { Refused } from '../../../lambda/ports/tools.ts'
import type { SimulatedService } from '../service/service.ts'
import type { Revision } from '../service/worker.ts'
import { lastOf, records, text, texts, type Api, type Input, type Place } from './api.ts'

interface Definition {
  family: string
  revision: Revision
  /** As it was registered. */
  input: Input
}

export interface Definitions {
  actions: Api
  arnOf(service: SimulatedService, revision: Revision): string
  revisionOf(name: string): Revision
  /** Without a health check in its definition, a task has no health that ECS knows. */
  isChecked(service: SimulatedService, revision: Revision): boolean
}

export function definitionsOf({ world, arn, date }: Place, services: SimulatedService[]): Definitions {
  const all = new Map<string, Definition>()
  const arnIn = (family: string, { number }: Revision): string => arn('ecs', `task-definition/${family}:${number}`)
  const arnOf: Definitions['arnOf'] = ({ plan }, revision) => arnIn(plan.ecs!.service, revision)
  for (const service of services) {
    const { revision } = service.fleet.deployments[0]!
    all.set(arnOf(service, revision), {
      family: service.plan.ecs!.service,
      revision,
      input: firstOf(service, revision),
    })
  }

  const find = (name: string): [string, Definition] => {
    const newest = [...all].filter(([key, { family }]) => lastOf(key) === lastOf(name) || family === name).at(-1)
    if (!newest) throw new Refused(`ClientException: there is no task definition ${name}`)
    return newest
  }
  const described = ([taskDefinitionArn, { family, revision, input }]: [string, Definition]) => {
    const { tags: _, ...kept } = input
    return { ...kept, taskDefinitionArn, family, revision: revision.number, status: 'ACTIVE' }
  }

  return {
    arnOf,
    revisionOf: (name) => find(name)[1].revision,
    isChecked: (service, revision) =>
      records(all.get(arnOf(service, revision))!.input, 'containerDefinitions').some((one) => 'healthCheck' in one),
    actions: {
      DescribeTaskDefinition(input) {
        const found = find(text(input, 'taskDefinition'))
        const tags = texts(input, 'include').includes('TAGS') ? records(found[1].input, 'tags') : []
        return { taskDefinition: described(found), tags }
      },
      RegisterTaskDefinition(input) {
        const family = text(input, 'family')
        const service = services.find(({ plan }) => plan.ecs!.service === family)
        if (!service) throw new Refused(`ClientException: this world has no task definitions of the family ${family}`)
        const definition = { family, revision: service.newRevision(changesIn(input)), input }
        const registered = arnOf(service, definition.revision)
        all.set(registered, definition)
        return {
          taskDefinition: { ...described([registered, definition]), registeredAt: date(world.second) },
          tags: records(input, 'tags'),
        }
      },
    },
  }
}

const firstOf = ({ plan, ecs }: SimulatedService, { environment, memoryMiB, cpu }: Revision): Input => ({
  family: plan.ecs!.service,
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: String(cpu),
  memory: String(memoryMiB),
  containerDefinitions: [
    {
      name: plan.ecs!.service,
      image: `${plan.ecs!.service}:stable`,
      essential: true,
      environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
      ...(ecs.healthCheck && { healthCheck: { command: ['CMD-SHELL', 'curl -f http://localhost:8080/health'] } }),
    },
  ],
  ...ecs.definition,
})

/** The parts of a definition that this world knows: its environment, its memory and its share of a processor. */
function changesIn(input: Input): Partial<Revision> {
  const containers = records(input, 'containerDefinitions')
  const pairs = containers
    .flatMap((one) => records(one, 'environment'))
    .map(({ name, value }) => [String(name), String(value)])
  const memory = Number(input['memory'] ?? containers[0]?.['memory'])
  const cpu = Number(input['cpu'])
  return {
    environment: Object.fromEntries(pairs) as Record<string, string>,
    ...(memory > 0 && { memoryMiB: memory }),
    ...(cpu > 0 && { cpu }),
  }
}
