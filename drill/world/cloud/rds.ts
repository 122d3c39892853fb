// RDS: storage of database instances.
import { Refused } from '../../../lambda/ports/tools.ts'
import { GROWING_SECONDS, type Database } from '../databases.ts'
import { MIB } from '../units.ts'
import { number, optional, text, type Api, type Place } from './api.ts'

const GIB = 1024 ** 3

export function rds({ world, arn }: Place): Api {
  const find = (id: string): Database => {
    const found = world.databases.get(id)
    if (!found) throw new Refused(`DBInstanceNotFound: there is no DB instance ${id}`)
    return found
  }
  /** Its storage can be changed again after six hours at the earliest. */
  const statusOf = ({ growing }: Database): string => {
    const seconds = growing ? world.second - growing.since : Infinity
    if (seconds < GROWING_SECONDS) return 'modifying'
    return seconds < 6 * 3600 ? 'storage-optimization' : 'available'
  }
  const described = (id: string) => {
    const { maximumMiB } = world.plan.databases[id]!
    return {
      DBInstanceIdentifier: id,
      DBInstanceArn: arn('rds', `db:${id}`),
      DBInstanceStatus: statusOf(find(id)),
      Engine: 'postgres',
      StorageType: 'gp3',
      AllocatedStorage: Math.round(find(id).allocatedBytes / GIB),
      ...(maximumMiB !== undefined && { MaxAllocatedStorage: Math.round((maximumMiB * MIB) / GIB) }),
      PendingModifiedValues: {},
    }
  }
  return {
    DescribeDBInstances(input) {
      const id = optional(input, 'DBInstanceIdentifier')
      if (id !== undefined) find(id)
      return { DBInstances: (id === undefined ? [...world.databases.keys()] : [id]).map(described) }
    },
    ModifyDBInstance(input) {
      const id = text(input, 'DBInstanceIdentifier')
      const database = find(id)
      const wanted = (number(input, 'AllocatedStorage') ?? 0) * GIB
      if (wanted > 0 && wanted < database.allocatedBytes * 1.1)
        throw new Refused('InvalidParameterCombination: storage must grow by at least 10 percent')
      if (wanted > 0 && statusOf(database) !== 'available')
        throw new Refused(`InvalidDBInstanceState: ${id} is ${statusOf(database)}`)
      if (wanted > 0) database.growing = { since: world.second, to: world.incurable ? database.allocatedBytes : wanted }
      return { DBInstance: described(id) }
    },
  }
}
