// EC2: EBS volumes.
import {
  EC2Client,
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  ModifyVolumeCommand,
} from '@aws-sdk/client-ec2'
import { api } from '../../ports/api.ts'

export const ec2 = api((settings) => new EC2Client(settings), {
  DescribeVolumes: DescribeVolumesCommand,
  DescribeVolumesModifications: DescribeVolumesModificationsCommand,
  ModifyVolume: ModifyVolumeCommand,
})
