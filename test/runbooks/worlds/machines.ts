// Machines with a unit or a full disk, and a database without room.
import type { Target } from '../../../lambda/core/services/config.ts'
import { asUnit, small, type Small } from '../fakes/world.ts'
import { clockAt, symptom, type Made, type World } from './world.ts'

const GIB = 2 ** 30
const GIB_IN_MIB = 1024

/** Each machine's unit uses more memory than the one before. */
export function unitWorld({ ec2 }: Target, mendedBy: number): Made {
  return (helps) => {
    const made: Small = small({
      athena: asUnit(ec2!.instances, { memoryMiB: 8192, memoryBaseMiB: 4096, startSeconds: 2 }, ec2!.unit),
      instances: Object.fromEntries(ec2!.instances.map((id) => [id, { disks: {} }])),
      clock: clockAt(),
      symptom: symptom(helps, () => made.fresh() >= mendedBy),
    })
    const { fleet } = made.athena
    fleet.workers.forEach((worker, place) => (worker.leakedMiB = 1024 * (place + 1)))
    const restarted = (): string[] =>
      fleet.gone.flatMap(({ worker, why }) => (why === 'stopped' ? [worker.id] : [])).sort()
    const fail = (): void => void (fleet.breaks = 'its control process exited with error code.')
    return { ...made, state: restarted, spoil: fail, break: fail }
  }
}

/** A machine whose disk has 5 of 100 GiB free, and files that may be cleaned; growing the volume makes room too. */
export function diskWorld(cleanableGib: number): Made {
  const [usr, cleanable] = [(95 - cleanableGib) * GIB_IN_MIB, cleanableGib * GIB_IN_MIB]
  return (helps) => {
    const folders = { '/usr': usr, '/var/log/athena/a.gz': cleanable }
    const made: Small = small({
      instances: { 'i-1': { disks: { '/': { volume: 'vol-0abc', sizeMiB: 100 * GIB_IN_MIB, folders } } } },
      clock: clockAt(),
      symptom: symptom(helps, () => disk.sizeBytes - machine.usedOf(disk) >= 20 * GIB),
    })
    const machine = made.world.machines.get('i-1')!
    const disk = machine.diskOf('/')
    return {
      ...made,
      state: () => ({
        removed: 95 - machine.usedOf(disk) / GIB,
        size: disk.sizeBytes / GIB,
        gib: disk.volumeBytes / GIB,
      }),
      spoil: () => void (machine.shell = () => ({ output: 'the machine is read-only', failed: true, seconds: 1 })),
    }
  }
}

export function databaseWorld(helps: boolean): World {
  const made: Small = small({
    databases: { 'core-db': { allocatedMiB: 100 * GIB_IN_MIB, usedMiB: 96 * GIB_IN_MIB } },
    clock: clockAt(),
    symptom: symptom(helps, () => gib() === 125),
  })
  const database = made.world.databases.get('core-db')!
  const gib = (): number => database.allocatedBytes / GIB
  return { ...made, state: gib, spoil: () => void (database.allocatedBytes = 200 * GIB) }
}
