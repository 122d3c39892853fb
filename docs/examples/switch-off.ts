// Switches a feature off while it hurts: the service reads the parameter.
import * as z from 'zod'
import { arnOf } from '../../lambda/runbooks/parts/arn.ts'
import { health, verdict, verdictPermissions, type Health } from '../../lambda/runbooks/parts/verdict.ts'
import { defineRunbook, type Rehearsal, type Step } from '../../lambda/runbooks/runbook.ts'

const put = (parameter: string, value: string): Omit<Step, 'undo'> => ({
  name: `Set ${parameter} to ${value}`,
  calls: [`ssm PutParameter ${parameter} = ${value}`],
  touches: '1 parameter',
  async turn({ cloud }) {
    await cloud.call('ssm', 'PutParameter', { Name: parameter, Value: value, Overwrite: true })
    return { done: `${parameter} is ${value}` }
  },
})

export default defineRunbook<Health & { parameter: string }, { was: string }>({
  name: 'switch-off',
  title: 'Switch the feature off',
  needs: [],
  destructive: false,
  options: z.strictObject({ parameter: z.string().startsWith('/'), ...health }),
  lock: () => 'feature switches',
  permissions: (_, { parameter, ...options }, place) => [
    { actions: ['ssm:GetParameter', 'ssm:PutParameter'], resources: [arnOf(place, 'ssm', `parameter${parameter}`)] },
    ...verdictPermissions(options, place),
  ],
  async look({ cloud }, { options: { parameter: Name } }) {
    const { Parameter } = await cloud.call<{ Parameter: { Value: string } }>('ssm', 'GetParameter', { Name })
    const was = Parameter.Value
    const scope = { words: `${Name}, ${was} → off`, on: { parameter: Name, value: was } }
    return { found: `${Name} is ${was}`, facts: { was }, scope, ...(was === 'off' && { stop: 'it is off already' }) }
  },
  steps: ({ was }, { options: { parameter } }) => [{ ...put(parameter, 'off'), undo: put(parameter, was) }],
  healthy: (tools, about) => verdict(tools, about),
})

export const rehearsal: Rehearsal = {
  with: { parameter: '/features/recommend' },
  outside() {
    let value = 'on'
    return {
      answers: {
        'ssm GetParameter': () => ({ Parameter: { Value: value } }),
        'ssm PutParameter': ({ Value }: { Value: string }) => void (value = Value),
      },
      isWell: () => value === 'off',
      state: () => value,
    }
  },
}
