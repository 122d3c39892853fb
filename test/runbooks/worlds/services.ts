// A service whose workers are tasks or instances, and a parameter that it reads.
import { asInstances, asTasks, deploySomething, killOne, small, type Small, type SmallInput } from '../fakes/world.ts'
import { clockAt, symptom, type Made, type World } from './world.ts'

interface Kind extends Pick<SmallInput, 'athena' | 'ecs'> {
  /** Before its first second. */
  prepare?: (made: Small) => void
  mended(made: Small): boolean
}

export function tasksWorld({ prepare, mended, ...input }: Kind): Made<World & Small> {
  return (helps) => {
    const made: Small = small({ ...input, clock: clockAt(), symptom: symptom(helps, () => mended(made)) })
    prepare?.(made)
    return {
      ...made,
      state: () => ({ desired: made.athena.fleet.desired, fresh: made.fresh() }),
      spoil: () => deploySomething(made),
      break: () => void (made.athena.fleet.breaks = 'it exits'),
    }
  }
}

export function instancesWorld({ prepare, mended }: Omit<Kind, 'athena'>): Made<World & Small> {
  return (helps) => {
    const athena = asInstances({ memoryMiB: 1000, memoryBaseMiB: 500 })
    const made: Small = small({ athena, clock: clockAt(), symptom: symptom(helps, () => mended(made)) })
    prepare?.(made)
    return {
      ...made,
      state: () => ({ desired: made.athena.fleet.desired, fresh: made.fresh() }),
      spoil: () => killOne(made),
      break: () => void (made.athena.fleet.breaks = 'the AMI is not there'),
    }
  }
}

export const TIMEOUT = '/athena/db/timeout'

export function parameterWorld(helps: boolean): World {
  const made: Small = small({
    athena: asTasks(),
    parameters: { [TIMEOUT]: '60' },
    clock: clockAt(),
    symptom: symptom(helps, () => state().value === '5' && state().fresh >= 4),
  })
  const { fleet } = made.athena
  const state = () => {
    const { Parameter } = made.apis.ssm['GetParameter']!({ Name: TIMEOUT }) as {
      Parameter: { Value: string; LastModifiedDate: Date }
    }
    const fresh = made.fresh(Parameter.LastModifiedDate.getTime())
    return { value: Parameter.Value, fresh, desired: fleet.desired }
  }
  return {
    ...made,
    state,
    spoil: () => void made.apis.ssm['PutParameter']!({ Name: TIMEOUT, Value: '7', Overwrite: true }),
    break: () => void (fleet.breaks = 'it exits'),
  }
}
