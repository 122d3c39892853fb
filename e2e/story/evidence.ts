// The deployed stack's bucket, where the runbook keeps what it removes.
import { s3Evidence } from '../../lambda/adapters/evidence.ts'
import type { Evidence } from '../../lambda/ports/tools.ts'
import type { World } from './world.ts'

export const evidenceOf = ({ aws, outputs }: World): Evidence =>
  s3Evidence({ bucket: outputs.EvidenceBucketName, prefix: 'evidence/', client: aws.s3 })
