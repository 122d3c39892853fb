// What is watched on hosts, volumes and file systems. Each line is one alarm as CloudFormation gets it.
import { expect, test } from '@jest/globals'
import { linesFor } from './made.ts'

test.each<[string, Parameters<typeof linesFor>[0], string[]]>([
  [
    'an EC2 instance and each of its file systems',
    { ec2: { instances: ['i-0abc'], paths: ['/var/lib'] } },
    [
      'ec2:i-0abc/availability-status-count: Maximum of AWS/EC2 StatusCheckFailed {InstanceId: i-0abc} > 0, 2 of 3 × 60 s, breaching',
      'ec2:i-0abc/cpu-percent: Average of AWS/EC2 CPUUtilization {InstanceId: i-0abc} > 80, 3 of 3 × 300 s, missing',
      'ec2:i-0abc/memory-used-percent: Maximum of CWAgent mem_used_percent {InstanceId: i-0abc} > 80, 4 of 5 × 60 s, missing',
      'ec2:i-0abc/availability-reports-count: SampleCount of CWAgent mem_used_percent {InstanceId: i-0abc} < 1, 2 of 2 × 300 s, breaching',
      'ec2:i-0abc:|var|lib/disk-used-percent: Maximum of CWAgent disk_used_percent {InstanceId: i-0abc, path: /var/lib} > 85, 3 of 5 × 60 s, missing',
      'ec2:i-0abc:|var|lib/disk-full-hours: (100 - used) / (3600 * IF(RATE(used) > 0.0000001, RATE(used), 0.0000001)) where used = Maximum of CWAgent disk_used_percent {InstanceId: i-0abc, path: /var/lib}, < 4, 3 of 3 × 300 s, missing',
    ],
  ],
  [
    'a machine on premises',
    { onPremises: { hosts: ['cellar-1'] } },
    [
      'host:cellar-1/memory-used-percent: Maximum of CWAgent mem_used_percent {host: cellar-1} > 80, 4 of 5 × 60 s, missing',
      'host:cellar-1/availability-reports-count: SampleCount of CWAgent mem_used_percent {host: cellar-1} < 1, 2 of 2 × 300 s, breaching',
      'host:cellar-1:|/disk-used-percent: Maximum of CWAgent disk_used_percent {host: cellar-1, path: /} > 85, 3 of 5 × 60 s, missing',
      'host:cellar-1:|/disk-full-hours: (100 - used) / (3600 * IF(RATE(used) > 0.0000001, RATE(used), 0.0000001)) where used = Maximum of CWAgent disk_used_percent {host: cellar-1, path: /}, < 4, 3 of 3 × 300 s, missing',
    ],
  ],
  [
    'an Auto Scaling group',
    { autoScaling: { group: 'fleet' } },
    [
      'asg:fleet/cpu-percent: Average of AWS/EC2 CPUUtilization {AutoScalingGroupName: fleet} > 80, 3 of 3 × 300 s, missing',
      'asg:fleet/memory-used-percent: Maximum of CWAgent mem_used_percent {AutoScalingGroupName: fleet} > 80, 4 of 5 × 60 s, missing',
      'asg:fleet:|/disk-used-percent: Maximum of CWAgent disk_used_percent {AutoScalingGroupName: fleet, path: /} > 85, 3 of 5 × 60 s, missing',
      'asg:fleet:|/disk-full-hours: (100 - used) / (3600 * IF(RATE(used) > 0.0000001, RATE(used), 0.0000001)) where used = Maximum of CWAgent disk_used_percent {AutoScalingGroupName: fleet, path: /}, < 4, 3 of 3 × 300 s, missing',
    ],
  ],
  [
    'an EBS volume',
    { ebs: { volumes: ['vol-1'], instance: 'i-0abc' } },
    [
      'ebs:vol-1/latency-read-milliseconds: Maximum of AWS/EBS VolumeAvgReadLatency {VolumeId: vol-1} > 20, 8 of 10 × 60 s, missing',
      'ebs:vol-1/latency-write-milliseconds: Maximum of AWS/EBS VolumeAvgWriteLatency {VolumeId: vol-1} > 20, 8 of 10 × 60 s, missing',
      'ebs:vol-1/saturation-iops-count: Maximum of AWS/EBS VolumeIOPSExceededCheck {VolumeId: vol-1} > 0, 12 of 15 × 60 s, missing',
      'ebs:vol-1/saturation-throughput-count: Maximum of AWS/EBS VolumeThroughputExceededCheck {VolumeId: vol-1} > 0, 12 of 15 × 60 s, missing',
      'ebs:vol-1/availability-stalled-count: Maximum of AWS/EBS VolumeStalledIOCheck {InstanceId: i-0abc, VolumeId: vol-1} > 0, 8 of 10 × 60 s, missing',
    ],
  ],
  [
    'an EBS volume of an unknown instance',
    { ebs: { volumes: ['vol-1'] } },
    [
      'ebs:vol-1/latency-read-milliseconds: Maximum of AWS/EBS VolumeAvgReadLatency {VolumeId: vol-1} > 20, 8 of 10 × 60 s, missing',
      'ebs:vol-1/latency-write-milliseconds: Maximum of AWS/EBS VolumeAvgWriteLatency {VolumeId: vol-1} > 20, 8 of 10 × 60 s, missing',
      'ebs:vol-1/saturation-iops-count: Maximum of AWS/EBS VolumeIOPSExceededCheck {VolumeId: vol-1} > 0, 12 of 15 × 60 s, missing',
      'ebs:vol-1/saturation-throughput-count: Maximum of AWS/EBS VolumeThroughputExceededCheck {VolumeId: vol-1} > 0, 12 of 15 × 60 s, missing',
    ],
  ],
  [
    'an EFS file system',
    { efs: { fileSystem: 'fs-1' } },
    [
      'efs:fs-1/saturation-io-percent: Maximum of AWS/EFS PercentIOLimit {FileSystemId: fs-1} > 95, 12 of 15 × 60 s, notBreaching',
      'efs:fs-1/saturation-burst-bytes: Minimum of AWS/EFS BurstCreditBalance {FileSystemId: fs-1} < 107374182400, 12 of 15 × 60 s, notBreaching',
    ],
  ],
])('of hosts and disks: %s', (_, target, lines) => {
  expect(linesFor(target)).toEqual(lines)
})
