// RDS: storage of database instances.
import { Refused } from '../../../lambda/ports/tools.ts'
import { GROWING_SECONDS, type Database } from '../databases.ts'
import { MIB } from '../units.ts'
import { number, optional, text, type Api, type Place } from './api.ts'

const GIB = 1024 ** 3
/** From here on the IOPS of gp3 are the user's (PostgreSQL, MySQL, MariaDB). */
const GP3_FROM = 400 * GIB

export function rds({ world, arn }: Place): Api {
  const find = (id: string): Database => {
    const found = world.databases.get(id)
    if (!found) throw new Refused(`DBInstanceNotFound: there is no DB instance ${id}`)
    return found
  }
  /** Its storage can be changed again after six hours at the earliest. */
  const statusOf = ({ growing, usedBytes, allocatedBytes }: Database): string => {
    const seconds = growing ? world.second - growing.since : Infinity
    if (seconds < GROWING_SECONDS) return 'modifying'
    if (seconds < 6 * 3600) return 'storage-optimization'
    return usedBytes >= allocatedBytes ? 'storage-full' : 'available'
  }
  const described = (id: string) => {
    const { maximumMiB, engine, storageType, iops } = world.plan.databases[id]!
    return {
      DBInstanceIdentifier: id,
      DBInstanceArn: arn('rds', `db:${id}`),
      DBInstanceStatus: statusOf(find(id)),
      Engine: engine,
      StorageType: storageType,
      ...(iops !== undefined && { Iops: iops }),
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
      const gib = number(input, 'AllocatedStorage') ?? 0
      const wanted = gib * GIB
      const { maximumMiB = Infinity, storageType, iops } = world.plan.databases[id]!
      if (wanted > 0 && wanted < database.allocatedBytes * 1.1)
        throw new Refused('InvalidParameterCombination: storage must grow by at least 10 percent')
      if (wanted > 0 && !['available', 'storage-full'].includes(statusOf(database)))
        throw new Refused(`InvalidDBInstanceState: ${id} is ${statusOf(database)}`)
      if (wanted >= maximumMiB * MIB)
        throw new Refused('InvalidParameterCombination: max storage size must be greater than storage size')
      const isOwn = storageType.startsWith('io') || (storageType === 'gp3' && database.allocatedBytes >= GP3_FROM)
      if (isOwn && iops !== undefined && input['Iops'] === undefined)
        throw new Refused(
          'InvalidParameterCombination: You must specify both the storage size and iops when modifying the storage size or iops on a DB instance that has iops.',
        )
      if (!isOwn && input['Iops'] !== undefined)
        throw new Refused(
          "InvalidParameterCombination: You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400.",
        )
      if (wanted > 0) database.growing = { since: world.second, to: world.incurable ? database.allocatedBytes : wanted }
      return { DBInstance: described(id) }
    },
  }
}
