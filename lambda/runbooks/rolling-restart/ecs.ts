// A rolling restart of an ECS service.
import { ecsPermissions } from '../parts/ecs/service.ts'
import type { Kind } from '../parts/kind.ts'
import { metricPermissions } from '../parts/metric.ts'
import { lookAtTasks, restartSteps, type TaskFacts } from '../parts/ecs/restart.ts'
import type { RestartOptions } from './options.ts'
import { plural } from '../../core/words/words.ts'

export const ecs: Kind<RestartOptions, TaskFacts> = {
  async look(tools, { target, options }) {
    const { facts, stop, on } = await lookAtTasks(tools, target, options)
    const found = `${plural(facts.desired, 'task')}, in batches of ${facts.batch}`
    const scope = { words: `the tasks of ${on.service} that run now, of ${on.revision}`, on }
    return { found, facts, scope, ...(stop !== undefined && { stop }) }
  },

  steps: (facts, { target, options, run, since }) =>
    restartSteps({ target, options, facts, run, since: async () => since }),

  permissions: ({ ecs }, { spare }, place) => [
    ...ecsPermissions(ecs!, place, spare ? ['StopTask', 'UpdateService'] : ['StopTask']),
    ...metricPermissions(),
  ],
}
