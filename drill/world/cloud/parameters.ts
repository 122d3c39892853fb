// Parameter Store of Systems Manager.
import { Refused } from '../../../lambda/ports/tools.ts'
import { optional, text, type Api, type Place } from './api.ts'

/** Of a parameter that was there from the beginning. */
const FIRST = { version: 1, at: -86_400, type: 'String' }

export function parameters({ world, arn, date }: Place): Api {
  const written = new Map<string, typeof FIRST>()
  return {
    GetParameter(input) {
      const name = text(input, 'Name')
      const value = world.parameters.get(name)
      if (value === undefined) throw new Refused(`ParameterNotFound: there is no parameter ${name}`)
      const { version, at, type } = written.get(name) ?? FIRST
      const isHidden = type === 'SecureString' && input['WithDecryption'] !== true
      return {
        Parameter: {
          Name: name,
          Type: type,
          Value: isHidden ? Buffer.from(`encrypted ${value}`).toString('base64') : value,
          Version: version,
          LastModifiedDate: date(at),
          ARN: arn('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`),
        },
      }
    },
    PutParameter(input) {
      const name = text(input, 'Name')
      if (world.parameters.has(name) && input['Overwrite'] !== true)
        throw new Refused(`ParameterAlreadyExists: there is a parameter ${name} already`)
      const before = written.get(name) ?? FIRST
      const version = world.parameters.has(name) ? before.version + 1 : 1
      world.parameters.set(name, text(input, 'Value'))
      written.set(name, { version, at: world.second, type: optional(input, 'Type') ?? before.type })
      return { Version: version, Tier: 'Standard' }
    },
  }
}
