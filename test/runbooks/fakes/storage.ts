// EBS volumes and one RDS database: they grow, and take time.
import type { Actions, Clock } from './cloud.ts'

export interface FakeStorage {
  ec2: Actions
  rds: Actions
  volumes: Record<string, { gib: number; machine: string; target?: number; changedAt?: number }>
  database: { gib: number; status: string; target?: number; changedAt?: number }
}

const SECONDS = 25

export function fakeStorage(clock: Clock): FakeStorage {
  const self: FakeStorage = {
    ec2: {},
    rds: {},
    volumes: { 'vol-0abc': { gib: 100, machine: 'i-1' } },
    database: { gib: 100, status: 'available' },
  }
  const isDone = (changedAt: number | undefined): boolean =>
    changedAt !== undefined && clock.now - changedAt >= SECONDS * 1000
  self.ec2 = {
    DescribeVolumes: ({ VolumeIds }: { VolumeIds: string[] }) => ({
      Volumes: VolumeIds.map((id) => {
        const { gib, machine, target, changedAt } = self.volumes[id]!
        return { VolumeId: id, Size: isDone(changedAt) ? target : gib, Attachments: [{ InstanceId: machine }] }
      }),
    }),
    DescribeVolumesModifications: ({ Filters }: { Filters: { Values: string[] }[] }) => {
      const { target, changedAt } = self.volumes[Filters[0]!.Values[0]!]!
      return {
        VolumesModifications:
          target === undefined
            ? []
            : [{ ModificationState: isDone(changedAt) ? 'optimizing' : 'modifying', TargetSize: target }],
      }
    },
    ModifyVolume: ({ VolumeId, Size }: { VolumeId: string; Size: number }) => {
      const volume = self.volumes[VolumeId]!
      if (volume.target !== undefined) throw new Error('VolumeModificationRateExceeded')
      Object.assign(volume, { target: Size, changedAt: clock.now })
      return {}
    },
  }
  self.rds = {
    DescribeDBInstances: () => {
      const { database } = self
      if (isDone(database.changedAt))
        Object.assign(database, { gib: database.target, status: 'storage-optimization', changedAt: undefined })
      return {
        DBInstances: [{ AllocatedStorage: database.gib, DBInstanceStatus: database.status, Engine: 'postgres' }],
      }
    },
    ModifyDBInstance: ({ AllocatedStorage }: { AllocatedStorage: number }) => {
      Object.assign(self.database, { target: AllocatedStorage, changedAt: clock.now, status: 'modifying' })
      return {}
    },
  }
  return self
}
