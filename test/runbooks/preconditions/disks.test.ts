// What must hold before files are removed, a volume grows, or the storage of a database does.
import { PRECONDITIONS as STORAGE } from '../../../lambda/runbooks/free-disk/database.ts'
import { PRECONDITIONS as MACHINES } from '../../../lambda/runbooks/free-disk/machines.ts'
import { PRECONDITIONS as VOLUMES } from '../../../lambda/runbooks/free-disk/volumes.ts'
import type { Small } from '../fakes/world.ts'
import { answering, DISK, GIB_IN_MIB, GROWS, having, look, RDS, withDisk, withRds, type Setting } from '../look.ts'
import { stopTheLook, type Row } from './rules.ts'

const GIB = 1024 ** 3
const END = 'tocsin end'

/** A machine that prints this; by default a full disk on a volume that may grow. */
const printing = (changed: { device?: string; disk?: string; inodes?: string; clean?: string } = {}) => {
  const { device = 'device xfs part:,disk:vol0abc yes - /', inodes = 'inodes 6000000 5000000 /' } = changed
  const { disk = `disk ${100 * GIB} ${4 * GIB} /`, clean = 'clean 0 0 0 /' } = changed
  const output = [disk, inodes, device, clean, END].join('\n')
  return having({ instances: { 'i-1': { disks: { '/': DISK_OF_100 } } } }, ({ world }) => {
    world.machines.get('i-1')!.shell = () => ({ output, failed: false, seconds: 1 })
  })
}
const DISK_OF_100 = { volume: 'vol-0abc', sizeMiB: 100 * GIB_IN_MIB, folders: {} }

describe('free-disk on machines', () => {
  const about = { runbook: 'free-disk', target: DISK }
  const FILES = 'mtime, links and `/proc/*/fd` of the files in `target.ec2.clean`'
  stopTheLook('free-disk', MACHINES, [
    ['`df -P`, `df -Pi`', 'room', { ...about, made: withDisk(40) }, 'no file system has less than 20 % free'],
    [
      FILES,
      'nothing to clean',
      { ...about, made: withDisk(4) },
      'nothing that is declared as cleanable is older than 60 min and not open',
    ],
    [FILES, 'no cap', { ...about, target: GROWS, made: withDisk(4, 'vol-0abc') }, 'set maxGiB'],
    [
      FILES,
      'at the cap',
      { ...about, target: GROWS, options: { maxGiB: 100 }, made: withDisk(4, 'vol-0abc') },
      'vol-0abc is at its cap of 100 GiB',
    ],
    [
      FILES,
      'what may be cleaned is on another file system',
      { ...about, made: printing({ clean: `clean 0 ${20 * GIB} 300 /var/log` }) },
      'nothing that is declared as cleanable',
    ],
  ])

  test('the machine does not answer', async () => {
    const made = having({ instances: { 'i-1': { disks: {} } } }, ({ world }) => {
      world.machines.get('i-1')!.shell = () => ({ output: '', failed: false, seconds: Infinity })
    })
    expect((await look({ ...about, made })).stop).toBe('i-1 did not answer within 120 s; is the SSM agent running?')
  })

  test('few inodes are free, and there are files to remove', async () => {
    const disk = `disk ${100 * GIB} ${60 * GIB} /`
    const made = printing({ disk, inodes: 'inodes 1000000 0 /', clean: `clean 0 ${GIB} 400000 /` })
    const { found, stop } = await look({ ...about, made })
    expect(stop).toBeUndefined()
    expect(found).toContain('/ of i-1 has 0 of 1,000,000 inodes free (0 %); 400000 files with 1 GiB may be cleaned')
  })

  test('a path that is not mounted is not taken for one with room', async () => {
    const made = printing({ disk: 'unread 0' })
    expect((await look({ ...about, made })).stop).toBe(
      'nobody knows how much is free on / of i-1: is it mounted? Check target.ec2.paths',
    )
  })

  test('a file system without a number of inodes has enough', async () => {
    const made = printing({ disk: `disk ${100 * GIB} ${60 * GIB} /`, inodes: 'inodes 0 0 /' })
    expect((await look({ ...about, made })).stop).toContain('no file system has less than 20 % free')
  })
})

describe('free-disk on volumes', () => {
  const grows = (made: Setting['made'], target: Setting['target'] = GROWS): Setting => ({
    runbook: 'free-disk',
    target,
    options: { maxGiB: 200 },
    made,
  })
  const on = (device: string) => grows(printing({ device: `device ${device} /` }))
  const attached = (Attachments: object[]) => {
    const change = answering<{ Volumes: object[] }>('ec2', 'DescribeVolumes', ({ Volumes }) => ({
      Volumes: Volumes.map((one) => ({ ...one, Attachments })),
    }))
    return () => {
      const made = printing()()
      change(made)
      return made
    }
  }
  const changing = (made: Small): Small => {
    made.apis.ec2['ModifyVolume']!({ VolumeId: 'vol-0abc', Size: 110 })
    return made
  }
  const TYPE = 'TYPE of `lsblk -s`'
  const SERIAL = 'SERIAL of `lsblk -s`'
  const ATTACHED = 'Attachments[].InstanceId of DescribeVolumes'
  stopTheLook('free-disk', VOLUMES, [
    [
      'FSTYPE of `findmnt`',
      'btrfs',
      on('btrfs part:,disk:vol0abc yes -'),
      'is btrfs, which does not grow with its volume',
    ],
    ['FSTYPE of `findmnt`', 'NFS', on('nfs4 - yes -'), '/ of i-1 is nfs4'],
    [
      'FSTYPE of `findmnt`',
      'the machine does not say',
      grows(printing({ device: '' })),
      'the machine does not say what / of i-1 is on',
    ],
    [TYPE, 'LVM', on('xfs lvm:,part:,disk:vol0abc yes -'), '/ of i-1 is on lvm, which does not grow with its volume'],
    [TYPE, 'two disks', on('ext4 raid0:,disk:vol0abc,disk:vol0fff yes -'), '/ of i-1 is on raid0'],
    [TYPE, 'a loop without a disk', on('ext4 - yes -'), '/ of i-1 is on no disk of the machine'],
    [SERIAL, 'an instance store', on('xfs part:,disk:AWS1A2B yes -'), 'is no EBS volume, or does not say which'],
    [SERIAL, 'Xen', on('xfs part:,disk: yes -'), 'is no EBS volume, or does not say which'],
    [
      'target.ebs.volumes',
      'another volume is full',
      on('xfs part:,disk:vol0fff yes -'),
      '/ of i-1 is on vol-0fff, which target.ebs.volumes does not name',
    ],
    [
      ATTACHED,
      'two machines',
      grows(attached([{ InstanceId: 'i-1' }, { InstanceId: 'i-2' }])),
      'vol-0abc is attached to i-1 and i-2, not to i-1 alone',
    ],
    [ATTACHED, 'another machine', grows(attached([{ InstanceId: 'i-2' }])), 'attached to i-2, not to i-1 alone'],
    [ATTACHED, 'no machine', grows(attached([])), 'attached to no machine'],
    [
      'ModificationState of DescribeVolumesModifications',
      'somebody grows it',
      grows(() => changing(printing()())),
      'vol-0abc is being changed already (modifying)',
    ],
    [
      'start of the partitions in `/sys/class/block`',
      'another partition follows',
      on('xfs part:,disk:vol0abc no -'),
      'another partition follows that of / of i-1',
    ],
    [
      '`growpart`, `resize2fs` or `xfs_growfs`',
      'growpart is missing',
      on('xfs part:,disk:vol0abc yes growpart'),
      'i-1 lacks growpart',
    ],
  ] satisfies Row[])

  test('a volume that is known to hold the full file system grows', async () => {
    expect((await look(grows(printing()))).stop).toBeUndefined()
    expect((await look(on('ext4 disk:vol-0abc yes -'))).stop).toBeUndefined()
  })

  test('where there is something to clean, it says why the volume may not grow besides', async () => {
    const device = 'device xfs lvm:,part:,disk:vol0abc yes - /'
    const { found, stop } = await look(grows(printing({ device, clean: `clean 0 ${GIB} 3 /` })))
    expect(stop).toBeUndefined()
    expect(found).toContain('/ of i-1 is on lvm')
  })
})

describe('free-disk on a database', () => {
  const about = { runbook: 'free-disk', target: RDS, options: { maxGiB: 500 } }
  const being = (changed: object) =>
    withRds(
      1,
      answering<{ DBInstances: object[] }>('rds', 'DescribeDBInstances', ({ DBInstances }) => ({
        DBInstances: DBInstances.map((one) => ({ ...one, ...changed })),
      })),
    )
  const FREE = 'FreeStorageSpace of `AWS/RDS`'
  const CAP = 'AllocatedStorage, the option maxGiB'
  const modify = ({ apis }: Small): void =>
    void apis.rds['ModifyDBInstance']!({ DBInstanceIdentifier: 'core-db', AllocatedStorage: 120 })
  stopTheLook('free-disk', STORAGE, [
    ['Engine', 'Aurora', { ...about, made: being({ Engine: 'aurora-mysql' }) }, 'storage of Aurora grows by itself'],
    [
      'DBClusterIdentifier',
      'a member of a cluster',
      { ...about, made: being({ DBClusterIdentifier: 'core' }) },
      'it belongs to the cluster core, whose storage is changed as a whole',
    ],
    [CAP, 'no cap', { ...about, options: {}, made: withRds(1) }, 'no storage may grow: set maxGiB'],
    [CAP, 'at the cap', { ...about, options: { maxGiB: 100 }, made: withRds(1) }, 'it is at its cap of 100 GiB'],
    [
      CAP,
      'near the cap',
      { ...about, options: { maxGiB: 105 }, made: withRds(1) },
      'leaves less than the 10 % that RDS grows by',
    ],
    [
      'MaxAllocatedStorage',
      'autoscaling ends below',
      { ...about, made: being({ MaxAllocatedStorage: 120 }) },
      '125 GiB are not below the 120 GiB at which storage autoscaling ends',
    ],
    ['DBInstanceStatus', 'changed already', { ...about, made: withRds(1, modify) }, 'it is modifying'],
    [
      'PendingModifiedValues.AllocatedStorage',
      'a change waits',
      { ...about, made: being({ PendingModifiedValues: { AllocatedStorage: 150 } }) },
      'its storage becomes 150 GiB already',
    ],
    [FREE, 'room', { ...about, made: withRds(60) }, 'at least 20 % are free'],
    [
      FREE,
      'nobody measures it',
      {
        ...about,
        made: withRds(
          1,
          answering('cloudwatch', 'GetMetricData', () => ({ MetricDataResults: [] })),
        ),
      },
      'how much is free is not known',
    ],
  ])

  test('one that is full may grow: its status says so', async () => {
    const { stop } = await look({ ...about, made: withRds(0) })
    expect(stop).toBeUndefined()
  })
})
