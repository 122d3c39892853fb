// Machines and databases in a world: what they store, and how much they may.
import * as z from 'zod'
import { size, text } from '../units.ts'

const disk = z.strictObject({
  volume: text.optional().describe('Its EBS volume, like vol-0a1b2c3d4e5f60718; without it, it is an instance store'),
  device: text.default('/dev/nvme0n1p1').describe('The device as the machine sees it'),
  fileSystem: z.enum(['ext4', 'xfs', 'btrfs', 'nfs4']).default('xfs'),
  layers: z
    .array(z.enum(['lvm', 'crypt', 'raid1']))
    .default([])
    .describe('What lies between the file system and the partition'),
  sizeMiB: size.positive(),
  folders: z
    .record(z.string().startsWith('/', 'must be an absolute path'), size)
    .describe('What is on it: MiB by folder, as absolute paths'),
})

export const instance = z.strictObject({
  memoryMiB: size.positive().default(8192),
  disks: z.record(z.string().startsWith('/', 'must be an absolute path'), disk).describe('By where they are mounted'),
})

export const database = z.strictObject({
  allocatedMiB: size.positive(),
  usedMiB: size,
  maximumMiB: size.optional().describe('Up to where storage autoscaling grows it'),
  engine: text.default('postgres'),
  storageType: z.enum(['gp2', 'gp3', 'io1', 'io2', 'standard']).default('gp3'),
  iops: z.number().int().positive().optional(),
})
